/// Lets many pass for a short while, or one alone.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace quipu::storage {

/// Readers hold it only while they copy out what they read. Whoever closes it waits for those inside, and
/// newcomers wait for him: unlike std::shared_mutex (which prefers readers in glibc), a stream of readers
/// cannot keep him out. Who has it closed may close it again; a thread that is inside must not enter again.
class gate {
 public:
  void enter() {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, [&] { return closers_ == 0; });
    ++inside_;
  }
  void leave() {
    std::lock_guard lock(mutex_);
    if (--inside_ == 0 && closers_ != 0) moved_.notify_all();
  }
  void close() {
    std::unique_lock lock(mutex_);
    ++closers_;
    moved_.wait(lock, [&] { return inside_ == 0; });
  }
  void open() {
    std::lock_guard lock(mutex_);
    if (--closers_ == 0) moved_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable moved_;
  std::uint32_t inside_ = 0;
  std::uint32_t closers_ = 0;
};

/// Closed while this lives.
class closed_gate {
 public:
  explicit closed_gate(gate& gate) : gate_(gate) { gate_.close(); }
  ~closed_gate() { gate_.open(); }
  closed_gate(const closed_gate&) = delete;
  closed_gate& operator=(const closed_gate&) = delete;

 private:
  gate& gate_;
};

}  // namespace quipu::storage
