// What others see of a projector: where it stands, how it fares, and when it is where they want it.
#include "projections/projector_thread.hpp"

#include <algorithm>
#include <utility>

namespace quipu::projecting {

using namespace std::chrono_literals;

namespace {
constexpr auto rate_window = 5s;
}

void projector_thread::publish(projection_state state, std::string text) {
  std::unique_lock lock(mutex_);
  const auto before = std::pair(seen_.generation, seen_.at.position);
  if (note_where()) seen_.had_all_at_us = had_all_at_us_;
  const bool tell = seen_.state != state || before != std::pair(seen_.generation, seen_.at.position);
  seen_.state = state;
  seen_.text = std::move(text);
  if (work_) seen_.counts = work_->writer.counts_here();
  if (records_ != 0) seen_.events_a_record = static_cast<double>(events_) / static_cast<double>(records_);
  seen_.events = events_;
  const auto now = clock::now();
  if (seen_.samples.empty() || now - seen_.samples.back().when >= rate_window / 10)
    seen_.samples.push_back({now, events_});
  while (seen_.samples.size() > 2 && now - seen_.samples.front().when > rate_window)
    seen_.samples.pop_front();
  if (!tell) return;
  changed_.notify_all();
  lock.unlock();
  beside_.moved();
}

progress_row projector_thread::where() {
  std::lock_guard lock(mutex_);
  return seen_.at;
}

// mutex_ is held.
bool projector_thread::note_where() {
  if (!work_ || !work_->writer.loaded()) return false;
  seen_.generation = work_->writer.kept().number;
  seen_.at = work_->writer.where().at;
  seen_.letters = work_->writer.letters();
  return true;
}

std::uint32_t projector_thread::generation() const {
  std::lock_guard lock(mutex_);
  return seen_.generation;
}

result<void> projector_thread::wait_for(position at, std::chrono::milliseconds timeout) {
  const auto until = clock::now() + timeout;
  std::unique_lock lock(mutex_);
  const auto failed = [&] { return seen_.state == projection_state::failed; };
  for (;;) {
    ++pokes_;
    changed_.notify_all();
    changed_.wait_until(lock, until, [&] { return seen_.at.position >= at || failed(); });
    if (seen_.at.position < at) break;
    const auto reached_by = seen_.generation;
    lock.unlock();
    const bool not_read = superseded(reached_by);
    lock.lock();
    if (!not_read) return {};
    if (failed() || clock::now() >= until) break;
    changed_.wait_for(lock, paused_look, [&] { return seen_.generation != reached_by || failed(); });
  }
  return fail(error_code::projection_late,
              "projection " + what_.name + " is " + std::string(name_of(seen_.state)) + " at record " +
                  std::to_string(seen_.at.position.record()) + ", not yet at record " +
                  std::to_string(at.record()) + (seen_.text.empty() ? "" : ": " + seen_.text));
}

projection_status projector_thread::status(const std::optional<progress_row>& as_of) {
  const auto end = from_.summarize();
  const auto now = std::chrono::microseconds(now_us());
  std::lock_guard lock(mutex_);
  const auto& at = as_of ? *as_of : seen_.at;
  projection_status out{.name = what_.name,
                        .version = what_.version,
                        .generation = seen_.generation,
                        .state = seen_.state,
                        .text = seen_.text,
                        .position = at.position,
                        .head = end ? end->last : 0,
                        .applied = seen_.counts.applied,
                        .passed = seen_.counts.passed,
                        .duplicates = seen_.counts.duplicates,
                        .retries = seen_.counts.retries,
                        .dead_letters = seen_.letters};
  if (out.head > out.position.record()) {
    const auto records = static_cast<double>(out.head - out.position.record());
    out.lag_events = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(records * seen_.events_a_record));
    // What it lacks is younger than what it has, and came after it had all. A quiet journal is no lag.
    const auto last_us = out.position.record() == 0 ? from_.about().created_us : at.time_us;
    const bool had_all = at.position == seen_.at.position;
    const auto since = std::chrono::microseconds(had_all ? std::max(last_us, seen_.had_all_at_us) : last_us);
    out.lag = std::max(0ms, std::chrono::duration_cast<std::chrono::milliseconds>(now - since));
  }
  out.backlog = backlog_of(out.lag);
  if (!seen_.samples.empty()) {
    const auto& first = seen_.samples.front();
    const std::chrono::duration<double> time = std::max<clock::duration>(clock::now() - first.when, 1ms);
    out.events_per_second = static_cast<double>(seen_.events - first.events) / time.count();
  }
  return out;
}

}  // namespace quipu::projecting
