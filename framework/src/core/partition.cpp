// Inputs, and what every step ends with.
#include "core/partition_parts.hpp"

#include <algorithm>
#include <utility>

namespace quipu::core {

void effect::answer::give() {
  if (std::exchange(command->told, true)) return;  // its deadline passed before
  const port::completion how{.failed = failed.get(),
                             .rejected = rejected.get(),
                             .reply = reply,
                             .sequence = sequence,
                             .position = position,
                             .repeat = repeat};
  command->complete(how);
}

void effects::clear() {
  discards.clear();
  read_tail = false;
  append.reset();
  successor.reset();
  replay.reset();
  loads.clear();
  rebuilds.clear();
  snapshots.reset();
  answers.clear();
  notes.clear();
  done_commands = 0;
  done_bytes = 0;
  wake_at = 0;
}

std::string_view name_of(phase phase) {
  switch (phase) {
    case phase::created:
      return "created";
    case phase::reading_tail:
      return "reading_tail";
    case phase::claiming:
      return "claiming";
    case phase::replaying:
      return "replaying";
    case phase::serving:
      return "serving";
    case phase::closing:
      return "closing";
    case phase::closed:
      return "closed";
    case phase::superseded:
      return "superseded";
    case phase::failed:
      return "failed";
  }
  return "unknown";
}

partition::partition(partition_config config)
    : config_(std::move(config)),
      open_(std::make_unique<batch>()),
      flight_(std::make_unique<flight>()),
      tail_budget_(config_.tail_budget) {
  for (const auto* type : config_.entities)
    categories_.push_back({.type = type, .floor = {}, .has_rows = false});
}

partition::~partition() = default;

void partition::step(any_input input, moment now, effects& out) {
  out.clear();
  out_ = &out;
  now_ = std::max(now.timer, now_);
  wall_ = now.wall;  // last_time_ keeps commits from going back with it
  std::visit([this](auto& in) { on(in); }, input);
  finish_step();
  out_ = nullptr;
}

void partition::on(input::start& in) {
  if (phase_ != phase::created) return;
  for (auto& category : categories_) {
    const auto stored =
        std::ranges::find(in.checkpoint.floors, category.type->category, &category_floor::category);
    if (stored == in.checkpoint.floors.end()) continue;
    if (stored->fingerprint == category.type->fingerprint) {
      category.floor = stored->floor;
      category.has_rows = true;
      continue;
    }
    note(effect::note_kind::rebuilt,
         category.type->category + ": the state's schema or version changed; its snapshots are discarded");
    std::erase_if(in.checkpoint.quarantined,
                  [&](const quarantine& q) { return q.category == stored->category; });
    out_->discards.push_back({category.type->category});
  }
  newest_ = newest_at_start_ = in.checkpoint.newest;
  stored_quarantines_ = std::move(in.checkpoint.quarantined);
  read_tail();
}

void partition::on(input::commands& in) {
  for (auto& command : in.list) take(std::move(command));
}

void partition::on(input::tick&) { tell_late(); }

void partition::on(input::tail_budget& in) { tail_budget_ = in.events; }

void partition::on(input::close&) {
  switch (phase_) {
    case phase::serving:
      phase_ = phase::closing;
      return;
    case phase::closing:
    case phase::closed:
    case phase::superseded:
    case phase::failed:
      return;
    default:
      break;
  }
  // Still opening: nothing was decided, so nothing is lost by stopping here.
  answer_everything(error_code::command_in_flight, error_code::runtime_closed,
                    "the runtime was closed while it was opening");
  phase_ = phase::closed;
}

void partition::on(input::abandon&) {
  if (phase_ == phase::closed) return;
  answer_everything(error_code::command_in_flight, error_code::runtime_closed,
                    "the runtime was closed before this was done");
  phase_ = phase::closed;
}

void partition::finish_step() {
  const bool working = phase_ == phase::serving || phase_ == phase::closing;
  if (working) {
    serve_held();
    launch();
  }
  const bool retry_due = flight_->retry_at != 0 && flight_->retry_at <= now_;
  if (retry_due) retry();
  if (store_retry_at_ <= now_) store_retry_at_ = 0;
  if (rebuild_retry_at_ != 0 && rebuild_retry_at_ <= now_) retry_rebuilds();
  if (working || phase_ == phase::replaying) {
    take_snapshots();
    evict();
  }
  // Eviction may have made the room that the first held command waits for; nothing else would wake it.
  while (working && !held_.empty() && can_route(*held_.front())) {
    serve_held();
    launch();
    evict();
  }
  if (phase_ == phase::closing && idle()) phase_ = phase::closed;
  // Only here: within a step, references to cells stay good whatever happens.
  if (phase_ == phase::closed || phase_ == phase::superseded || phase_ == phase::failed) {
    cells_.clear();
    quarantined_ = 0;
  }

  const auto wake = [this](time_us when) {
    if (when != 0 && (out_->wake_at == 0 || when < out_->wake_at)) out_->wake_at = when;
  };
  wake(flight_->retry_at);
  wake(store_retry_at_);
  wake(rebuild_retry_at_);
  wake(next_deadline_);
  if (config_.snapshots.every.count() > 0 && !store_busy_ && !cells_.dirty().empty()) {
    // What is due and was not taken waits for the store or for a load, and not for time.
    const auto due =
        cells_.dirty().front()->dirty_at + std::chrono::microseconds(config_.snapshots.every).count();
    if (due > now_) wake(due);
  }
}

bool partition::idle() const {
  return taken_ == 0 && flight_->kind == flight_kind::none && open_->entries.empty() && !store_busy_ &&
         cells_.dirty().empty() && new_quarantines_.empty() && released_.empty();
}

partition_status partition::status() const {
  partition_status now = figures_;
  now.phase = phase_;
  now.why = why_;
  now.code = code_;
  now.epoch = epoch_;
  now.tail = tail_;
  now.floor = floor_now();
  now.tail_events =
      cells_.dirty().empty() ? 0 : durable_events_ - cells_.dirty().front()->events_before_dirty;
  now.queued = taken_;
  now.quarantined = quarantined_;
  now.resident = cells_.size();
  now.dirty = cells_.dirty().size();
  now.unsettled_since = flight_->kind == flight_kind::none ? 0 : flight_->first_sent;
  return now;
}

effect::answer& partition::answer(command_ptr owner) {
  --taken_;
  out_->done_commands += 1;
  out_->done_bytes += owner->bytes;
  auto& made = out_->answers.emplace_back();
  made.command = owner.get();
  made.owner = std::move(owner);
  return made;
}

void partition::answer_error(command_ptr owner, error_code code, std::string text,
                             std::chrono::milliseconds retry_after) {
  const auto id = owner->id;
  auto& made = answer(std::move(owner));
  made.failed = std::make_unique<error>(code, std::move(text), id, retry_after);
}

// The caller's patience ends; the command goes its way, and its room is given back when the partition is done
// with it. Deadlines are met by looking at all that is open when the earliest one may have come: commands
// that are done in time, nearly all, cost nothing.
void partition::tell_late() {
  if (next_deadline_ == 0 || next_deadline_ > now_) return;
  next_deadline_ = 0;
  for_each_open([this](port::command& open) {
    if (open.deadline_us == 0 || open.told) return;
    if (open.deadline_us > now_) {
      if (next_deadline_ == 0 || open.deadline_us < next_deadline_) next_deadline_ = open.deadline_us;
      return;
    }
    auto& made = out_->answers.emplace_back();
    made.command = &open;
    made.failed =
        std::make_unique<error>(error_code::command_deadline,
                                "the deadline passed; the command may still take effect: ask again with "
                                "the same command id to learn what became of it",
                                open.id);
  });
}

template <class F>
void partition::for_each_open(F&& visit) {
  for (auto* entries : {&flight_->entries, &open_->entries})
    for (auto& open : *entries) {
      visit(*open.who);
      if (open.waiters)
        for (auto& waiter : *open.waiters) visit(*waiter);
    }
  for (auto& command : held_) visit(*command);
  if (waiting_in_cells_ == 0) return;
  for (auto* list : {&cells_.dirty(), &cells_.idle()})
    for (auto* where : *list)
      for (auto& command : where->waiting) visit(*command);
}

void partition::note(effect::note_kind kind, std::string text) {
  out_->notes.push_back({kind, text});
  constexpr std::size_t most_notes = 32;
  if (figures_.notes.size() == most_notes) figures_.notes.erase(figures_.notes.begin());
  figures_.notes.push_back(std::move(text));
}

}  // namespace quipu::core
