/// Admission to one partition, decided on the caller's side: what is past the bounds never enters a mailbox.
#pragma once

#include "core/effects.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <span>
#include <vector>

namespace quipu::host {

/// Commands that were admitted wait here until the partition takes them all at once; their credits come back
/// when the partition is done with them, not when their callers gave up. Any thread, except where said.
class inbox {
 public:
  using clock = std::chrono::steady_clock;
  enum class verdict : std::uint8_t { admitted, full, too_large, closed };

  struct bounds {
    std::uint32_t commands = 0;
    std::uint64_t bytes = 0;
    std::uint32_t in_line = 0;  ///< commands that wait for room without a thread
  };
  struct figures {
    std::uint64_t commands = 0;
    std::uint64_t bytes = 0;
    std::uint64_t refused = 0;
  };

  /// What became of a command that stood in line; it comes back where it was not admitted. Must not block.
  using outcome = std::move_only_function<void(verdict, core::command_ptr)>;

  explicit inbox(bounds most) : most_(most) {}
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;

  /// Called without the lock when the inbox has something again. Before the first admission.
  void on_filled(std::function<void()> wake) { wake_ = std::move(wake); }

  /// Takes the command if it is admitted, and leaves it alone if not. Blocks for room until `until` (the
  /// past: not at all); those who wait come in the order in which they began to.
  verdict admit(core::command_ptr& command, clock::time_point until = {});
  /// The same without blocking: the command stands in line itself, behind those who wait already, until expire() sees
  /// that its time is up. `told` is called once: before this returns, or later by whoever makes room, closes or expires.
  void admit_in_line(core::command_ptr command, clock::time_point until, outcome told);
  /// Those whose time is up leave the line.
  void expire(clock::time_point now);
  /// Takes as many as there is room for, from the front; returns how many. Never blocks.
  std::size_t admit_all(std::span<core::command_ptr> commands, verdict& of_the_next);

  /// Swaps out everything that waits: `into` must be empty, and its memory is used next. The partition's
  /// thread.
  void take(std::vector<core::command_ptr>& into);
  /// The partition is done with these.
  void give_back(std::uint32_t commands, std::uint64_t bytes);

  /// Refuses everything from now on, those who wait for room included.
  void close();

  /// When it may be worth coming back: what it takes to do a quarter of the bound at the present rate, 1 ms
  /// to 5 s.
  std::chrono::milliseconds retry_after() const;
  figures now() const;
  bounds most() const { return most_; }

 private:
  struct waiting_thread {
    std::condition_variable changed;
    bool settled = false;
    bool granted = false;
  };
  /// A thread that waits, or a command without one.
  struct place {
    std::uint32_t bytes = 0;
    waiting_thread* thread = nullptr;
    core::command_ptr command;
    clock::time_point until;
    outcome told;
  };
  /// What is to be told, and whether the partition is to be woken, once the lock is given back.
  struct afterwards {
    struct word {
      outcome told;
      verdict what = verdict::admitted;
      core::command_ptr command;
    };
    std::vector<word> words;
    bool wake = false;
  };
  bool fits(std::uint32_t bytes) const;
  void count_in(std::uint32_t bytes);
  void grant_to_waiting(afterwards& then);
  void carry_out(afterwards& then);
  bool push(core::command_ptr& command);

  const bounds most_;
  std::function<void()> wake_;

  mutable std::mutex guard_;
  std::vector<core::command_ptr> list_;
  std::uint32_t commands_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t refused_ = 0;
  bool closed_ = false;
  std::list<place> waiting_;
  std::uint32_t in_line_ = 0;  // of `waiting_`, those without a thread

  // how fast the partition gets done with commands
  clock::time_point sample_began_{};  // none while there is nothing to do
  std::uint64_t sample_done_ = 0;
  double per_second_ = 0;
};

}  // namespace quipu::host
