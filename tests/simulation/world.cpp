#include "world.hpp"

#include "describe.hpp"

#include <algorithm>

namespace quipu::simulation {
namespace {

std::unique_ptr<journal::memory::memory_journal> make_log(const plan& p, std::uint64_t seed) {
  return std::make_unique<journal::memory::memory_journal>(
      journal::memory::options{.how = {},
                               .manual = true,
                               .about = journal::identity{.lineage = {1, seed},
                                                          .incarnation = {2, seed},
                                                          .partitions = p.partitions,
                                                          .max_record_bytes = p.journal_record_bytes,
                                                          .created_us = 1,
                                                          .creator = "simulation"}});
}

}  // namespace

world::world(std::uint64_t seed, bool recording)
    : recording_(recording),
      chance_(seed),
      plan_(plan_for(chance_)),
      book_(findings_),
      log_(make_log(plan_, seed)),
      ledger_(*log_, plan_.window, findings_,
              [this](const entity_name& name, const ledger_commit& commit) { book_.landed(name, commit); }) {
  book_.read_in(ledger_);
  for (std::uint32_t i = 0; i < plan_.nodes; ++i) stores_.push_back(std::make_unique<model_store>());
  for (std::uint32_t i = 0; i < plan_.entities; ++i)
    entities_.emplace_back(i % 3 == 2 ? "knot" : "cord", std::string(1, static_cast<char>('a' + i)));
  book_.allowed.choking = plan_.choking_versions != 0;
  book_.allowed.journal_refuses = plan_.refusals != 0;
  book_.allowed.serving = [this](seat_name name) {
    const auto* where = seat_of(name);
    return where != nullptr && where->core.phase() == core::phase::serving;
  };
  book_.allowed.clock = [this](seat_name name) {
    const auto* where = seat_of(name);
    return where == nullptr ? now_ : where->clock;
  };
  book_.allowed.wall = [this](seat_name name) {
    const auto* where = seat_of(name);
    return where == nullptr ? now_ : where->wall;
  };
  book_.allowed.time_to_live = [this](seat_name name, const entity_name& of) {
    return of.first == "cord" ? cords_live_[name.owner - 1] : std::chrono::microseconds(0);
  };
}

world::~world() {
  book_.burying = true;
  owners_.clear();
}

outcome world::run() {
  say([&] { return describe(plan_); });
  chaos();
  if (!findings_.any()) rest("after the faults stopped");
  if (!findings_.any()) final_readings();
  return {.found = findings_.first(),
          .transcript = std::move(transcript_),
          .steps = steps_,
          .records = ledger_.records(),
          .answers = book_.answers,
          .rejections = book_.rejections,
          .repeats = book_.repeats,
          .errors = book_.errors,
          .unknowns = book_.unknowns,
          .expiries = book_.expiries,
          .handled = book_.handled};
}

void world::chaos() {
  for (std::uint32_t i = 0; i < plan_.steps && !findings_.any(); ++i) {
    bury();
    if (owners_.empty() && chance_.one_in(2)) open_owner(false);
    faults_of_this_step();
    bury();
    if (!plan_.stands) pass_time(chance_.below(3000));
    const bool asks = book_.wishes().size() < plan_.wishes + 20 && chance_.one_in(3);
    if (auto* whom = asks ? some_owner() : nullptr; whom != nullptr)
      give_commands(*whom);
    else if (!stir())
      pass_time_to_wake();
  }
}

// One thing that the outside does by itself: an answer arrives, a disk is done, a timer rings.
bool world::stir() {
  ++steps_;
  struct move {
    enum { settle, deliver, snapshot, replay, rebuild, write, tick } what;
    owner* who;
    seat* where;
  };
  thread_local std::vector<move> moves;
  moves.clear();
  if (log_->pending() != 0) moves.push_back({move::settle, nullptr, nullptr});
  for (auto& who : owners_) {
    if (who->paused_steps != 0) {
      if (faults_) --who->paused_steps;
      continue;
    }
    if (who->has_writes()) moves.push_back({move::write, who.get(), nullptr});
    for (auto& where : who->seats()) {
      if (!where->mail.empty()) moves.push_back({move::deliver, who.get(), where.get()});
      if (!where->loads.empty()) moves.push_back({move::snapshot, who.get(), where.get()});
      if (where->replay && where->core.wants_replay())
        moves.push_back({move::replay, who.get(), where.get()});
      if (!where->rebuilds.empty()) moves.push_back({move::rebuild, who.get(), where.get()});
      if (where->wake_at != 0 && where->wake_at <= who->now())
        moves.push_back({move::tick, who.get(), where.get()});
    }
  }
  if (moves.empty()) return false;
  const auto next = moves[chance_.below(moves.size())];
  switch (next.what) {
    case move::settle:
      settle_request();
      break;
    case move::deliver:
      next.who->deliver(*next.where);
      break;
    case move::snapshot:
      next.who->read_snapshot(*next.where);
      break;
    case move::replay:
      next.who->feed_replay(*next.where);
      break;
    case move::rebuild:
      next.who->feed_rebuild(*next.where);
      break;
    case move::write:
      next.who->write_snapshots();
      break;
    case move::tick:
      next.who->tick(*next.where);
      break;
  }
  return true;
}

void world::pass_time(core::time_us by) { now_ += by; }

bool world::pass_time_to_wake() {
  core::time_us next = 0;
  for (auto& who : owners_) {
    if (who->paused_steps != 0) continue;
    for (auto& where : who->seats())
      if (where->wake_at != 0) {
        const auto at = where->wake_at - who->skew;
        if (next == 0 || at < next) next = at;
      }
  }
  if (next == 0) return false;
  if (next > now_) now_ = next;
  return true;
}

void world::settle_request() {
  using journal::memory::fate;
  std::size_t which = chance_.below(std::min<std::size_t>(log_->pending(), 4));
  if (!log_->look(which).awaited && faults_ && plan_.slow_wire != 0 && !chance_.one_in(plan_.slow_wire)) {
    // It travels for long: much else is settled before it.
    for (which = 0; which < log_->pending() && !log_->look(which).awaited;) ++which;
    if (which == log_->pending()) return;
  }
  const auto what = log_->look(which);
  auto ends = fate::deliver;
  if (!what.awaited) {
    if (faults_ && chance_.one_in(3)) ends = fate::lose_request;
  } else if (strikes(plan_.lost_acks)) {
    ends = fate::lose_ack;
  } else if (strikes(plan_.lost_requests)) {
    ends = fate::lose_request;
  } else if (strikes(plan_.delayed_requests)) {
    ends = fate::delay_request;
  } else if (strikes(plan_.late_duplicates)) {
    ends = fate::late_duplicate;
  } else if (strikes(plan_.refusals)) {
    ends = fate::refuse;
  } else if (strikes(plan_.unavailable)) {
    ends = fate::unavailable;
  }
  say([&] {
    static constexpr const char* kinds[] = {"append", "successor", "tail"};
    static constexpr const char* fates[] = {
        "delivered",  "done, its answer lost", "lost", "delivered, and again later", "delayed", "refused",
        "unavailable"};
    return std::string("~ ") + (what.awaited ? "" : "late ") + kinds[static_cast<int>(what.kind)] +
           " of owner " + std::to_string(what.client) + " partition " + std::to_string(what.partition) +
           ": " + fates[static_cast<int>(ends)];
  });
  log_->settle(which, ends);
  ledger_.follow();
}

void world::sent(core::partition_id partition, const std::shared_ptr<const bytes>& record) {
  const auto view = journal::record_view::decode(*record);
  if (!view) return findings_.report("format", "a record was sent that cannot be read: " + view.error().text);
  // Invariant 4: a batch that has reached a limit takes nothing more.
  const auto& limits = plan_.limits;
  if (record->size() > plan_.journal_record_bytes ||
      view->event_count() >= std::uint64_t{limits.batch_events} + limits.commit_events)
    findings_.report("4: bounds", "a batch of " + std::to_string(view->event_count()) + " events and " +
                                      std::to_string(record->size()) + " bytes was sent");
  const auto [at, is_new] = sent_.emplace(view->stamp().id, view->sum());
  if (!is_new && at->second != view->sum())
    findings_.report("6: fencing (record ids)", "partition " + std::to_string(partition) +
                                                    ": two records were sent under the id " +
                                                    view->stamp().id.hex());
}

// Nothing strikes any more: everything that was asked is answered, in a bounded number of steps (liveness).
bool world::rest(const char* when) {
  faults_ = false;
  bury();
  if (owners_.empty()) open_owner(true);
  for (auto& who : owners_) who->paused_steps = 0;
  say([&] { return std::string("= rest ") + when; });
  constexpr int enough = 6000;
  int left = enough;
  for (; left > 0 && !findings_.any(); --left)
    if (!stir() && !pass_time_to_wake()) break;
  if (findings_.any()) return false;
  if (left == 0) {
    findings_.report("liveness", std::string("no rest ") + when);
    return false;
  }
  for (auto& who : owners_)
    for (auto& where : who->seats()) {
      const auto& inside = book_.inside_of({who->number(), where->id});
      if (inside.commands != 0 || (where->core.phase() != core::phase::serving && !where->over()))
        findings_.report("liveness", where_text(who->number(), where->id) + " is " +
                                         std::string(name_of(where->core.phase())) + " with " +
                                         std::to_string(inside.commands) + " commands unanswered " + when);
      const auto status = where->core.status();
      if (status.resident - status.quarantined > plan_.limits.resident_entities)
        findings_.report("4: bounds", where_text(who->number(), where->id) + " keeps " +
                                          std::to_string(status.resident) + " entities in memory " + when);
    }
  return !findings_.any();
}

outcome run_schedule(std::uint64_t seed, bool recording) { return world(seed, recording).run(); }

}  // namespace quipu::simulation
