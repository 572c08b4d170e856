/// Tells the one who listens what happens to a node: one notice at a time, and never a flood of them.
#pragma once

#include "host/clocks.hpp"

#include <quipu/notice.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>

namespace quipu::host {

/// Any thread. A notice is told on the thread that brings it, marked as one of the runtime's.
class notice_board {
 public:
  /// `who` may be empty.
  notice_board(std::function<void(const notice&)> who, wall_clock clock)
      : who_(std::move(who)), clock_(std::move(clock)) {}

  /// Sets the time. After `closed` nothing is told.
  void tell(notice what);
  /// Once a second: says what was left out since the last time.
  void pulse();

 private:
  static constexpr std::size_t kinds = static_cast<std::size_t>(notice_kind::closed) + 1;
  struct tally {
    std::uint32_t told = 0;
    std::uint32_t left_out = 0;
  };
  void hand_over(notice&& what) noexcept;

  const std::function<void(const notice&)> who_;
  const wall_clock clock_;
  std::mutex guard_;
  std::array<tally, kinds> since_pulse_{};
  bool closed_ = false;
};

}  // namespace quipu::host
