#include "host/inbox.hpp"

#include "host/runtime_thread.hpp"

#include <algorithm>
#include <exception>

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
  afterwards then;
  auto said = verdict::admitted;
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
      waiting_thread self;
      const auto here = waiting_.insert(waiting_.end(), {.bytes = bytes, .thread = &self});
      self.changed.wait_until(lock, until, [&] { return self.settled; });
      if (!self.settled) {
        waiting_.erase(here);
        grant_to_waiting(then);  // a smaller one may have stood behind this one
        ++refused_;
        said = verdict::full;
      } else if (!self.granted) {
        return verdict::closed;
      }
    }
    if (said == verdict::admitted) then.wake = push(command);
  }
  carry_out(then);
  return said;
}

void inbox::admit_in_line(core::command_ptr command, clock::time_point until, outcome told) {
  const std::uint32_t bytes = command->bytes;
  auto said = verdict::admitted;
  bool wake = false;
  {
    const std::scoped_lock lock(guard_);
    if (closed_) {
      said = verdict::closed;
    } else if (bytes > most_.bytes) {
      said = verdict::too_large;
    } else if (waiting_.empty() && fits(bytes)) {
      count_in(bytes);
      wake = push(command);
    } else if (in_line_ < most_.in_line) {
      ++in_line_;
      waiting_.push_back({bytes, nullptr, std::move(command), until, std::move(told)});
      return;
    } else {
      said = verdict::full;
    }
    if (said == verdict::full || said == verdict::too_large) ++refused_;
  }
  if (wake) wake_();
  told(said, std::move(command));
}

void inbox::expire(clock::time_point now) {
  afterwards then;
  {
    const std::scoped_lock lock(guard_);
    if (in_line_ == 0) return;
    for (auto next = waiting_.begin(); next != waiting_.end();) {
      auto& one = *next;
      if (one.thread != nullptr || one.until > now) {
        ++next;
        continue;
      }
      then.words.push_back({std::move(one.told), verdict::full, std::move(one.command)});
      next = waiting_.erase(next);
      --in_line_;
      ++refused_;
    }
    grant_to_waiting(then);
  }
  carry_out(then);
}

void inbox::carry_out(afterwards& then) {
  if (then.wake) wake_();
  if (then.words.empty()) return;
  const runtime_thread_mark mark;  // what follows must not wait, whoever's thread this is
  for (auto& one : then.words) {
    try {
      one.told(one.what, std::move(one.command));
    } catch (const std::exception&) {
      // A callback that throws breaks its promise; there is nobody else to tell.
    }
  }
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
  afterwards then;
  std::unique_lock lock(guard_);
  commands_ -= std::min(commands, commands_);
  bytes_ -= std::min(bytes, bytes_);
  if (sample_began_ == clock::time_point{})
    sample_began_ = now;
  else
    sample_done_ += commands;
  const std::chrono::duration<double> sampled = now - sample_began_;
  if (sampled.count() >= 0.05) {
    const double rate = static_cast<double>(sample_done_) / sampled.count();
    per_second_ = per_second_ == 0 ? rate : (per_second_ + rate) / 2;
    sample_began_ = now;
    sample_done_ = 0;
  }
  grant_to_waiting(then);
  if (commands_ == 0) {  // time in which there is nothing to do says nothing about the rate
    sample_began_ = {};
    sample_done_ = 0;
  }
  lock.unlock();
  carry_out(then);
}

void inbox::grant_to_waiting(afterwards& then) {
  while (!waiting_.empty() && fits(waiting_.front().bytes)) {
    auto& first = waiting_.front();
    count_in(first.bytes);
    if (first.thread != nullptr) {
      first.thread->settled = first.thread->granted = true;
      first.thread->changed.notify_one();
    } else {
      then.wake |= push(first.command);
      then.words.push_back({std::move(first.told), verdict::admitted, nullptr});
      --in_line_;
    }
    waiting_.pop_front();
  }
}

void inbox::close() {
  afterwards then;
  {
    const std::scoped_lock lock(guard_);
    closed_ = true;
    for (auto& one : waiting_) {
      if (one.thread != nullptr) {
        one.thread->settled = true;
        one.thread->changed.notify_one();
      } else {
        then.words.push_back({std::move(one.told), verdict::closed, std::move(one.command)});
      }
    }
    waiting_.clear();
    in_line_ = 0;
  }
  carry_out(then);
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
