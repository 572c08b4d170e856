#include "book.hpp"

namespace quipu::simulation {

std::size_t book::add_wish(const command_id& id, const entity_name& entity, const body& what,
                           const std::optional<command_source>& source) {
  wishes_.push_back({.id = id, .entity = entity, .what = what, .source = source, .attempts = {}});
  return wishes_.size() - 1;
}

position book::settled_by(std::uint64_t reaction) const {
  position newest;
  position open{~std::uint64_t{0}};
  for (const auto& one : wishes_) {
    if (!one.source || one.source->reaction != reaction) continue;
    newest = std::max(newest, one.source->at);
    if (!one.settled) open = std::min(open, one.source->at);
  }
  return open > newest ? newest : position{open.value - 1};
}

attempt& book::add_attempt(std::size_t wish, seat_name seat) {
  auto& made = attempts_.emplace_back();
  made.serial = attempts_.size();
  made.wish = wish;
  made.seat = seat;
  made.arrival = ++arrivals_[seat];
  made.durable_before = ledger_->sequence_of(wishes_[wish].entity);
  // No two alike, so that credits which are given back for the wrong command show.
  made.bytes = 64 + static_cast<std::uint32_t>(made.serial * 3 + made.serial % 7);
  for (const auto& other : attempts_)
    made.joins |= &other != &made && other.seat == seat && wishes_[other.wish].id == wishes_[wish].id;
  wishes_[wish].attempts.push_back(made.serial);
  return made;
}

std::unique_ptr<model_command> book::make_command(const attempt& of) {
  const auto& wanted = wishes_[of.wish];
  auto made = std::make_unique<model_command>(*this, of.serial, wanted.what);
  made->key = wanted.entity.second;
  made->entity_hash = journal::entity_hash(wanted.entity.first, wanted.entity.second);
  made->id = wanted.id;
  made->fresh = of.fresh;
  made->reads = wanted.what.what == verb::look;
  made->body_hash = wanted.what.hash();
  made->bytes = of.bytes;
  made->deadline_us = of.deadline_us;
  made->expected_sequence = of.expected;
  made->source = of.source;
  auto& inside = inside_[of.seat];
  ++inside.commands;
  inside.bytes += of.bytes;
  return made;
}

// Invariants 1, 5 and 8: what was told "not done" is nowhere in the journal; what is there was decided right.
void book::landed(const entity_name& entity, const ledger_commit& commit) {
  const auto id = journal::event_id(entity.first, entity.second, commit.first_sequence);
  if (commit.attempt == 0 || commit.attempt > attempts_.size())
    return findings_.report("2: one at a time", id + " was caused by no command that was ever asked");
  auto& of = attempts_[commit.attempt - 1];
  const auto& wanted = wishes_[of.wish];
  of.landed = true;
  if (wanted.entity != entity || wanted.id != commit.command || wanted.what.hash() != commit.body_hash)
    findings_.report("2: one at a time",
                     id + " names another command than the one that caused it: " + describe(of));
  if (commit.source != of.source)
    findings_.report("17: reactions", id + " has another source than its command");
  if (of.told && !of.answered && of.error != error_kind::unknown_outcome)
    findings_.report("5: errors that say not done", describe(of) + " was told " +
                                                        std::string(name_of(of.error)) +
                                                        " and then came to stand in the journal as " + id);
  if (of.expected && *of.expected + 1 != commit.first_sequence)
    findings_.report("5: conflicts", describe(of) + " took effect as " + id +
                                         " against its expected sequence " + std::to_string(*of.expected));
  // Decide again, against the refolded state: a decision on any other state shows.
  const auto* life = ledger_->find(entity);
  const auto before = commit.first_sequence - 1;
  const auto* state = life->seen_at(before, commit.time_us, allowed.time_to_live(of.seat, entity));
  if (commit.after_expiry != (life->states[before].has_value() && state == nullptr))
    findings_.report("13: time to live",
                     id + (commit.after_expiry ? " is marked, and its time was not over"
                                               : " is not marked, and its time was over"));
  expiries += commit.after_expiry ? 1 : 0;
  if (commit.time_us != of.decided_us)
    findings_.report("13: time to live", id + " bears another time than it was decided at");
  const auto again = decide_model(state, wanted.what);
  if (!again.rejection.empty() || again.events.size() != commit.last_sequence - commit.first_sequence + 1)
    findings_.report("2: one at a time (decided on the newest state)",
                     id + " should have been decided otherwise");
  auto& seen = seen_[{of.seat, entity}];
  const auto later = seen.upper_bound(of.arrival);
  if (!of.joins && later != seen.end() && later->second < commit.last_sequence)
    findings_.report("2: in the order of arrival", id + " overtook or was overtaken: " + describe(of));
}

void book::journal_lost_its_end() {
  for (auto& of : attempts_) of.landed = false;
  seen_.clear();
  for (auto& wanted : wishes_) wanted.uncertain = true;  // what was answered may be gone: clients ask again
}

// A partition's time never runs behind its owner's clock as it stands.
void book::decided(std::uint64_t serial, std::int64_t time_us) {
  auto& of = attempts_[serial - 1];
  if (time_us < allowed.wall(of.seat))
    findings_.report("13: time to live", describe(of) + " was decided before the time of its owner's clock");
  of.decided_us = time_us;
}

void book::told(std::uint64_t serial, const port::completion& how) {
  auto& of = attempts_[serial - 1];
  if (allowed.heard) allowed.heard(of, how);
  if (of.told) return findings_.report("1: one answer", describe(of) + " was answered twice");
  of.told = true;
  of.answered = how.failed == nullptr;
  if (how.failed != nullptr) of.error = how.failed->kind;
  answer_check(*this, *ledger_, findings_, of, how).run();

  auto& wanted = wishes_[of.wish];
  const bool unknown = how.failed != nullptr && how.failed->kind == error_kind::unknown_outcome;
  const bool known = how.failed != nullptr && how.failed->code == error_code::command_handled_before;
  if (of.answered || known) wanted.settled = true;
  wanted.uncertain = unknown || (wanted.uncertain && how.failed != nullptr && !known);
  if (known) ++handled;
  ++(unknown                   ? unknowns
     : how.failed != nullptr   ? errors
     : how.repeat              ? repeats
     : how.rejected != nullptr ? rejections
                               : answers);
}

void book::gone(std::uint64_t serial) {
  auto& of = attempts_[serial - 1];
  of.gone = true;
  auto& inside = inside_[of.seat];
  --inside.commands;
  inside.bytes -= of.bytes;
  if (of.told) return;
  if (!burying)
    findings_.report("4: nothing is dropped silently", describe(of) + " was destroyed without an answer");
  // Its process died: the caller knows nothing.
  of.told = true;
  of.error = error_kind::unknown_outcome;
  wishes_[of.wish].uncertain = true;
}

std::string book::describe(const attempt& of) const {
  const auto& wanted = wishes_[of.wish];
  return "attempt " + std::to_string(of.serial) + " (wish " + std::to_string(of.wish) + ": " +
         wanted.entity.first + "/" + wanted.entity.second + " " + wanted.what.text() +
         (of.source ? ", of reaction " + std::to_string(of.source->reaction) + " at " +
                          std::to_string(of.source->at.value) + "." + std::to_string(of.source->index) +
                          ", settled to " + std::to_string(of.source->settled.value)
                    : "") +
         ", at owner " + std::to_string(of.seat.owner) + ")";
}

}  // namespace quipu::simulation
