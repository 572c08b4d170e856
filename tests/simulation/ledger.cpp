#include "ledger.hpp"

#include <algorithm>
#include <cstring>

namespace quipu::simulation {

ledger::ledger(journal::journal& log, port::repeat_window window, findings& found,
               std::function<void(const entity_name&, const ledger_commit&)> landed)
    : log_(log), window_(window), findings_(found), landed_(std::move(landed)), cursor_(log.read(1)) {}

void ledger::follow() {
  for (;;) {
    const auto next = cursor_->next();
    if (!next) return findings_.report("journal", "the audit's cursor failed: " + next.error().text);
    if (!*next) return;
    read(**next);
  }
}

void ledger::restart() {
  strands_.clear();
  lives_.clear();
  record_ids_.clear();
  sums_.clear();
  records_ = 0;
  cursor_ = log_.read(1);
  follow();
}

const life* ledger::find(const entity_name& name) const {
  const auto found = lives_.find(name);
  return found == lives_.end() ? nullptr : &found->second;
}

std::uint64_t ledger::sequence_of(const entity_name& name) const {
  const auto* known = find(name);
  return known == nullptr ? 0 : known->sequence();
}

// Invariant 6 (fencing): one chain of records with growing epochs, and no record id twice.
void ledger::read(const journal::stored_record& stored) {
  const auto place = "record " + std::to_string(stored.number);
  ++records_;
  const auto view = journal::record_view::decode(stored.data);
  if (!view) return findings_.report("format", place + ": " + view.error().text);
  const auto stamp = view->stamp();
  auto& last = strands_[stored.partition];
  if (stamp.partition != stored.partition || stamp.incarnation != log_.about().incarnation ||
      stamp.lineage != log_.about().lineage)
    findings_.report("6: fencing", place + " is stamped for another partition or journal");
  if (stamp.previous != last.sum)
    findings_.report("6: fencing (hash chain)", place + " does not follow its predecessor");
  if (view->is_claim() ? stamp.epoch <= last.epoch : stamp.epoch != last.epoch)
    findings_.report("6: fencing (epochs only grow)", place + " has epoch " + std::to_string(stamp.epoch) +
                                                          " after " + std::to_string(last.epoch));
  if (stamp.time_us < last.time_us) findings_.report("journal (time never goes back)", place);
  if (!record_ids_.insert(stamp.id).second)
    findings_.report("6: fencing (record ids)", place + " repeats a record id");
  sums_[{stored.partition, stored.number}] = view->sum();
  last = {stored.number, view->sum(), stamp.epoch, stamp.time_us,
          view->is_claim() ? std::string(view->owner()) : last.owner};
  for (std::uint32_t i = 0; i < view->commit_count(); ++i) read(stored, *view, view->commit_at(i));
}

// Invariants 2 and 5: no gap in an entity's sequence, no command twice.
void ledger::read(const journal::stored_record& stored, const journal::record_view& view,
                  const journal::commit_view& commit) {
  const entity_name name{commit.category, commit.key};
  const auto id = journal::event_id(commit.category, commit.key, commit.first_sequence);
  auto& of = lives_[name];
  if (commit.event_count == 0)
    return findings_.report("2: one at a time", id + " is a commit without events");
  if (commit.first_sequence != of.sequence() + 1)
    return findings_.report("2: one at a time (no gaps)", id + " follows " + std::to_string(of.sequence()));
  const auto hash = journal::entity_hash(commit.category, commit.key);
  if (journal::partition_of(hash, log_.about().partitions) != stored.partition)
    findings_.report("journal (partition of an entity)",
                     id + " lies in partition " + std::to_string(stored.partition));
  ledger_commit made{.command = commit.command,
                     .body_hash = commit.body_hash,
                     .first_sequence = commit.first_sequence,
                     .last_sequence = commit.last_sequence(),
                     .at = position::of(stored.number, commit.first_event + commit.event_count - 1),
                     .time_us = commit.time_us,
                     .after_expiry = commit.after_expiry,
                     .source = commit.source};
  if (commit.after_expiry && !of.state)
    findings_.report("13: time to live", id + " begins after an expiry, and nothing was there");
  if (commit.after_expiry) of.state.reset();
  for (std::uint32_t i = 0; i < commit.event_count; ++i) {
    const auto event = commit.event(i);
    event_payload payload;
    if (event.payload.size() != sizeof payload)
      return findings_.report("format", id + " has a payload of another size");
    std::memcpy(&payload, event.payload.data(), sizeof payload);
    const auto type = view.type(event.type).name;
    const auto kind = type == "model.Begun" ? begun : type == "model.Tied" ? tied : ended;
    if (i == 0) made.attempt = payload.attempt;
    if (payload.attempt != made.attempt)
      findings_.report("2: one at a time", id + " mixes two commands' events");
    if (kind == tied && chokes_on(payload.amount)) of.chokes = true;
    if (!of.state) of.state.emplace();
    fold(*of.state, kind, payload);
    of.states.push_back(of.state);
    of.positions.push_back(position::of(stored.number, commit.first_event + i));
    of.times.push_back(commit.time_us);
    of.boundary.push_back(false);
  }
  if (commit.ended) of.state.reset();
  of.states.back() = of.state;
  of.boundary.back() = true;
  made.digest = of.digest_at(of.sequence());
  if (!of.by_command.emplace(made.command, of.commits.size()).second)
    findings_.report("5: repeats (exactly once)",
                     "command " + made.command.hex() + " took effect twice, again in " + id);
  of.commits.push_back(made);
  remember(of, made);
  landed_(name, made);
}

void ledger::remember(life& of, const ledger_commit& commit) {
  of.remembered.emplace_back(commit.command, commit.time_us);
  const auto oldest = commit.time_us - std::chrono::microseconds(window_.age).count();
  while (!of.remembered.empty() &&
         (of.remembered.size() > window_.count || of.remembered.front().second < oldest)) {
    const auto& gone = *of.find(of.remembered.front().first);
    if (!gone.source) of.newest_forgotten = std::max(of.newest_forgotten, gone.command);
    of.remembered.pop_front();
  }
}

}  // namespace quipu::simulation
