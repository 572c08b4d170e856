#include "host/inbox.hpp"

#include <algorithm>

namespace quipu::host {

bool inbox::fits(std::uint32_t bytes) const {
  return commands_ < most_.commands && bytes_ + bytes <= most_.bytes;
}

void inbox::count_in(std::uint32_t bytes) {
  ++commands_;
  bytes_ += bytes;
}

// True when the partition has to be woken: it takes everything, so only the first has to.
bool inbox::push(core::command_ptr& command) {
  list_.push_back(std::move(command));
  return list_.size() == 1;
}

inbox::verdict inbox::admit(core::command_ptr& command, clock::time_point until) {
  const std::uint32_t bytes = command->bytes;
  bool wake = false;
  {
    std::unique_lock lock(guard_);
    if (closed_) return verdict::closed;
    if (bytes > most_.bytes) {
      ++refused_;
      return verdict::too_large;
    }
    // Nobody overtakes those who wait: they came before.
    if (waiting_.empty() && fits(bytes)) {
      count_in(bytes);
    } else {
      if (until <= clock::now()) {
        ++refused_;
        return verdict::full;
      }
      waiting_caller self;
      self.bytes = bytes;
      const auto place = waiting_.insert(waiting_.end(), &self);
      self.changed.wait_until(lock, until, [&] { return self.settled; });
      if (!self.settled) {
        waiting_.erase(place);
        grant_to_waiting();  // a smaller one may have stood behind this one
        ++refused_;
        return verdict::full;
      }
      if (!self.granted) return verdict::closed;
    }
    wake = push(command);
  }
  if (wake) wake_();
  return verdict::admitted;
}

std::size_t inbox::admit_all(std::span<core::command_ptr> commands, verdict& of_the_next) {
  std::size_t admitted = 0;
  bool wake = false;
  {
    const std::scoped_lock lock(guard_);
    of_the_next = verdict::full;
    if (closed_) of_the_next = verdict::closed;
    while (!closed_ && waiting_.empty() && admitted < commands.size()) {
      auto& next = commands[admitted];
      if (next->bytes > most_.bytes) of_the_next = verdict::too_large;
      if (!fits(next->bytes)) break;
      count_in(next->bytes);
      wake |= push(next);
      ++admitted;
    }
  }
  if (wake) wake_();
  return admitted;
}

void inbox::take(std::vector<core::command_ptr>& into) {
  const std::scoped_lock lock(guard_);
  list_.swap(into);
}

void inbox::give_back(std::uint32_t commands, std::uint64_t bytes) {
  if (commands == 0) return;
  const auto now = clock::now();
  const std::scoped_lock lock(guard_);
  commands_ -= std::min(commands, commands_);
  bytes_ -= std::min(bytes, bytes_);
  sample_done_ += commands;
  const std::chrono::duration<double> sampled = now - sample_began_;
  if (sampled.count() >= 0.05) {
    const double rate = static_cast<double>(sample_done_) / sampled.count();
    // A sample that began when there was nothing to do says little; so half of the old estimate stays.
    per_second_ = per_second_ == 0 ? rate : (per_second_ + rate) / 2;
    sample_began_ = now;
    sample_done_ = 0;
  }
  grant_to_waiting();
}

void inbox::grant_to_waiting() {
  while (!waiting_.empty() && fits(waiting_.front()->bytes)) {
    auto* first = waiting_.front();
    waiting_.pop_front();
    count_in(first->bytes);
    first->settled = first->granted = true;
    first->changed.notify_one();
  }
}

void inbox::close() {
  const std::scoped_lock lock(guard_);
  closed_ = true;
  for (auto* caller : waiting_) {
    caller->settled = true;
    caller->changed.notify_one();
  }
  waiting_.clear();
}

std::chrono::milliseconds inbox::retry_after() const {
  const std::scoped_lock lock(guard_);
  const double rate = per_second_ > 0 ? per_second_ : static_cast<double>(most_.commands);
  const double seconds = static_cast<double>(most_.commands) / 4 / rate;
  return std::chrono::milliseconds(
      std::clamp<std::int64_t>(static_cast<std::int64_t>(seconds * 1000), 1, 5'000));
}

inbox::figures inbox::now() const {
  const std::scoped_lock lock(guard_);
  return {commands_, bytes_, refused_};
}

}  // namespace quipu::host
