#include "host/partition_host.hpp"

#include "host/history_scan.hpp"
#include "host/runtime_thread.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace quipu::host {
namespace {

std::size_t bytes_of(const std::vector<journal::stored_record>& records) {
  std::size_t sum = 0;
  for (const auto& record : records) sum += record.data.size();
  return sum;
}

bool is_over(core::phase phase) {
  return phase == core::phase::closed || phase == core::phase::superseded || phase == core::phase::failed;
}

}  // namespace

partition_host::partition_host(core::partition_config config, surroundings around, host::inbox& from)
    : config_(std::move(config)),
      around_(std::move(around)),
      inbox_(from),
      partition_(std::make_unique<core::partition>(config_)) {}

void partition_host::deliver(core::any_input input) {
  // What waits in the inbox joins the batch that a settled append lets go.
  if (std::holds_alternative<core::input::append_settled>(input)) take_commands();
  run(std::move(input));
}

void partition_host::serve_inbox() {
  take_commands();
  run_queue();
}

void partition_host::tick() {
  alarm_at_ = 0;
  run(core::input::tick{});
}

void partition_host::report() {
  if (partition_)
    around_.board.publish(config_.id, partition_->status());
  else
    around_.board.publish(
        config_.id, {.phase = core::phase::failed, .why = broken_, .code = error_code::partition_broke_down});
}

core::time_us partition_host::take_alarm() { return std::exchange(new_alarm_, 0); }

void partition_host::take_commands() {
  inbox_.take(taken_);
  if (!taken_.empty()) queue_.emplace_back(core::input::commands{std::exchange(taken_, {})});
}

void partition_host::run(core::any_input input) {
  if (auto* part = std::get_if<core::input::replayed>(&input))
    tail_parts_.push_back(std::move(*part));
  else
    queue_.push_back(std::move(input));
  run_queue();
}

// A loop and no recursion: an effect that is carried out at once puts the next input into the queue.
void partition_host::run_queue() {
  const runtime_thread_mark mark;
  for (;;) {
    if (!queue_.empty()) {
      auto input = std::move(queue_.front());
      queue_.pop_front();
      step(std::move(input));
      continue;
    }
    const bool takes_tail =
        !partition_ || partition_->wants_replay() || partition_->phase() != core::phase::replaying;
    if (tail_parts_.empty() || !takes_tail) break;
    auto part = std::move(tail_parts_.front());
    tail_parts_.pop_front();
    const auto bytes = bytes_of(part.records);
    step(std::move(part));
    around_.replayer.consumed_tail(config_.id, bytes);
  }
  watch_phase();
}

void partition_host::step(core::any_input input) {
  std::size_t history = 0;
  if (const auto* part = std::get_if<core::input::history>(&input)) history = history_bytes(*part);
  if (partition_) {
    try {
      partition_->step(std::move(input), {timer_us(), around_.clock.now_us()}, effects_);
      carry_out();
    } catch (const std::exception& bug) {
      break_down(bug.what());
    }
  } else if (auto* commands = std::get_if<core::input::commands>(&input)) {
    for (auto& command : commands->list) {
      const error failed(error_code::partition_failed, broken_, command->id);
      const auto bytes = command->bytes;
      command->complete({.failed = &failed});
      command.reset();
      inbox_.give_back(1, bytes);
    }
  }
  if (history != 0) around_.replayer.consumed_history(config_.id, history);
}

// In the order of the members of core::effects.
void partition_host::carry_out() {
  for (const auto& what : effects_.discards) discard(what);
  if (effects_.read_tail)
    around_.journal.tail(config_.id, [self = self_](core::record_result tail) {
      self->post(core::input::tail_read{std::move(tail)});
    });
  if (effects_.append)
    around_.journal.append(config_.id, effects_.append->expected, std::move(effects_.append->record),
                           [self = self_](journal::append_result result) {
                             self->post(core::input::append_settled{std::move(result)});
                           });
  if (effects_.successor)
    around_.journal.successor(config_.id, effects_.successor->tail,
                              [self = self_](core::record_result found) {
                                self->post(core::input::successor_read{std::move(found)});
                              });
  if (effects_.replay) around_.replayer.replay(config_.id, effects_.replay->pass, effects_.replay->from);
  for (auto& what : effects_.loads) load(what);
  for (auto& what : effects_.rebuilds)
    around_.replayer.rebuild(config_.id, std::move(what.category), std::move(what.key));
  if (effects_.snapshots) write(std::move(*effects_.snapshots));
  answer();
  tell_notes();
  if (const auto when = effects_.wake_at; when != 0 && (alarm_at_ == 0 || when < alarm_at_)) {
    alarm_at_ = new_alarm_ = when;
    ++alarm_;
  }
}

void partition_host::answer() {
  for (auto& one : effects_.answers) {
    if (one.failed && one.failed->kind == error_kind::faulted) log_fault(*one.failed);
    try {
      one.give();
    } catch (const std::exception&) {
      // A callback that throws breaks its promise; there is nobody else to tell.
    }
    one.owner.reset();
  }
  inbox_.give_back(effects_.done_commands, effects_.done_bytes);
}

// The caller is told too; but it is the author who has to know.
void partition_host::log_fault(const error& what) {
  if (!around_.log.wants(log_level::warning)) return;
  const auto left_out = faults_.pass(timer_us());
  if (!left_out) return;
  std::vector<log_field> fields{{"partition", std::int64_t{config_.id}}};
  if (*left_out > 0) fields.push_back({"left_out", *left_out});
  around_.log.say(log_level::warning, "domain", what.text, std::move(fields));
}

void partition_host::discard(const core::effect::discard& what) {
  std::optional<std::string_view> category;
  if (what.category) category = *what.category;
  if (!around_.checkpoints.discard(config_.id, category)) owed_.push_back(what);
}

bool partition_host::was_discarded(std::string_view category) const {
  return std::ranges::any_of(owed_,
                             [&](const auto& what) { return !what.category || *what.category == category; });
}

// A store that cannot forget holds rows that mean nothing any more: they are not shown, and nothing is
// written beside them until they are gone.
bool partition_host::retry_discards() {
  const auto owed = std::exchange(owed_, {});
  for (const auto& what : owed) discard(what);
  return owed_.empty();
}

void partition_host::load(core::effect::load& what) {
  core::input::loaded loaded{std::move(what.category), std::move(what.key), std::nullopt};
  if (!was_discarded(loaded.category))
    loaded.image = around_.checkpoints.load(config_.id, loaded.category, loaded.key);
  queue_.emplace_back(std::move(loaded));
}

void partition_host::write(core::snapshot_group group) {
  if (!owed_.empty() && !retry_discards()) {
    queue_.emplace_back(core::input::snapshots_stored{journal::fail(
        error_code::checkpoint_discarding, "what was discarded from the checkpoint could not be deleted")});
    return;
  }
  around_.snapshots.write(std::move(group), self_);
}

void partition_host::watch_phase() {
  const auto phase = partition_ ? partition_->phase() : core::phase::failed;
  if (phase == seen_) return;
  seen_ = phase;
  if (phase == core::phase::serving || is_over(phase)) around_.replayer.finished(config_.id);
  tell_phase(phase);
  report();  // only then: that all partitions serve is told after each of them
}

void partition_host::tell_phase(core::phase phase) {
  if (phase == core::phase::replaying && around_.log.wants(log_level::debug))
    around_.log.say(log_level::debug, "partition",
                    "the partition is claimed; what it does not have is replayed",
                    {{"partition", std::int64_t{config_.id}},
                     {"epoch", static_cast<std::int64_t>(partition_->status().epoch)}});
  notice what{.partition = config_.id};
  const auto now = partition_ ? partition_->status() : core::partition_status{.why = broken_};
  switch (phase) {
    case core::phase::serving:
      what.kind = notice_kind::recovered;
      what.events = now.replayed_events;
      what.took =
          std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
      what.text = "the partition serves; " + std::to_string(what.events) + " events were replayed in " +
                  std::to_string(what.took.count()) + " ms";
      break;
    case core::phase::superseded:
      what.kind = notice_kind::superseded;
      what.text = now.why;
      break;
    case core::phase::failed:
      what.kind = notice_kind::failed;
      what.text = now.why;
      break;
    default:
      return;
  }
  around_.notices.tell(std::move(what));
}

void partition_host::tell_notes() {
  for (auto& one : effects_.notes) {
    notice what{.partition = config_.id, .text = std::move(one.text)};
    switch (one.kind) {
      case core::effect::note_kind::quarantined:
        what.kind = notice_kind::quarantined;
        break;
      case core::effect::note_kind::rebuilt:
        what.kind = notice_kind::rebuilt;
        break;
      case core::effect::note_kind::snapshot_failed:
        what.kind = notice_kind::snapshot_failed;
        break;
    }
    around_.notices.tell(std::move(what));
  }
}

// A bug in the runtime itself, or no memory: the partition's state cannot be trusted any more. Its commands
// answer `unknown_outcome` as they are destroyed; the journal holds what is true.
void partition_host::break_down(std::string why) {
  broken_ = "the partition broke down: " + std::move(why);
  queue_.clear();
  const auto admitted = inbox_.now();
  partition_.reset();
  effects_.clear();
  inbox_.give_back(static_cast<std::uint32_t>(admitted.commands), admitted.bytes);
}

}  // namespace quipu::host
