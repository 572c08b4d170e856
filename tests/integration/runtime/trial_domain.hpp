/// Counters that misbehave when they are told to.
#pragma once

#include <quipu/decision.hpp>
#include <quipu/domain.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string_view>

#include "trial_quipu.hpp"

namespace quipu::test {

/// Where a command waits until the test lets it go on.
class gate {
 public:
  void shut() {
    const std::scoped_lock lock(guard_);
    open_ = false;
    arrived_ = 0;
  }
  void open() {
    const std::scoped_lock lock(guard_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(guard_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void await_arrival() {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [this] { return arrived_ > 0; });
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  bool open_ = true;
  int arrived_ = 0;
};
inline gate the_gate;

/// A program that cannot apply what it has stored.
inline std::atomic<bool> evolve_is_broken{false};

struct counter {
  static constexpr std::string_view category = "counter";
  static constexpr int state_version = 1;
  using state = trial::CounterT;
  using commands = types<trial::AddT>;
  using events = types<trial::AddedT>;

  static decision<counter, trial::TotalT> decide(absent, const trial::AddT& c, const context& about) {
    return decide(state{}, c, about);
  }
  static decision<counter, trial::TotalT> decide(const state&, const trial::AddT& c, const context&) {
    if (c.mischief == trial::Mischief::decide_throws) throw std::runtime_error("decide had enough");
    if (c.mischief == trial::Mischief::wait_at_gate) the_gate.pass();
    if (c.amount == 0) return reject("nothing_to_add");
    return emit(trial::AddedT{.amount = c.amount, .poison = c.mischief == trial::Mischief::evolve_throws})
        .reply([](const state& s) { return trial::TotalT{.value = s.total}; });
  }
  static void evolve(state& s, const trial::AddedT& e) {
    if (e.poison || evolve_is_broken) throw std::runtime_error("evolve had enough");
    s.total += e.amount;
  }
};

inline const domain& trial_domain() {
  static const domain one{"trial", entities<counter>};
  return one;
}

}  // namespace quipu::test
