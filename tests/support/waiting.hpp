/// Waiting that ends.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <thread>

namespace quipu::test {

/// The end of all waiting of one call.
class time_limit {
 public:
  using clock = std::chrono::steady_clock;

  explicit time_limit(std::chrono::milliseconds from_now) : at_(clock::now() + from_now) {}
  /// Never negative.
  std::chrono::milliseconds left() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - clock::now());
    return std::max(left, std::chrono::milliseconds{0});
  }
  bool over() const { return left().count() == 0; }

 private:
  clock::time_point at_;
};

/// Until `so()` holds; false when the limit is over. For what nobody tells of: it looks again at short intervals.
template <std::predicate F>
bool wait_until(F&& so, std::chrono::milliseconds limit = std::chrono::seconds{30},
                std::chrono::milliseconds between_looks = std::chrono::milliseconds{10}) {
  const time_limit until(limit);
  while (!so()) {
    if (until.over()) return false;
    std::this_thread::sleep_for(between_looks);
  }
  return true;
}

}  // namespace quipu::test
