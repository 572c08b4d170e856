/// The host's two clocks: one for waiting, one for what is stored and shown.
#pragma once

#include <quipu/options.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

namespace quipu::host {

/// Microseconds of a clock that nobody sets and that never goes back: deadlines, retries, what is due. Above 0.
inline std::int64_t timer_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count() + 1;
}

/// Microseconds since the Unix epoch by the system's clock.
inline std::int64_t system_time_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

/// options.clock, or the system's. Any thread.
class wall_clock {
 public:
  explicit wall_clock(quipu::clock replaced = {}) : replaced_(std::move(replaced)) {}

  std::int64_t now_us() const {
    return replaced_ ? replaced_().time_since_epoch().count() : system_time_us();
  }
  std::chrono::sys_time<std::chrono::microseconds> now() const {
    return std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(now_us()));
  }

 private:
  quipu::clock replaced_;
};

}  // namespace quipu::host
