/// What makes entries of a log, once somebody wants them.
#pragma once

#include <quipu/log.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quipu::log {

/// Any thread.
class logger {
 public:
  using time_source = std::function<std::chrono::sys_time<std::chrono::microseconds>()>;

  /// Says nothing.
  logger() = default;
  logger(log_sink to, log_level from, time_source now)
      : to_(std::move(to)), from_(from), now_(std::move(now)) {}

  bool wants(log_level level) const { return to_ && from_ != log_level::off && level >= from_; }

  void say(log_level level, std::string_view component, std::string text,
           std::vector<log_field> fields = {}) const {
    if (!wants(level)) return;
    try {
      to_({now_(), level, component, std::move(text), std::move(fields)});
    } catch (...) {  // NOLINT(bugprone-empty-catch): a log that fails stops nothing, and has nobody to tell
    }
  }

 private:
  log_sink to_;
  log_level from_ = log_level::off;
  time_source now_;
};

/// What may come in floods: a few a second are said, and how many were not. One thread.
class rate_limit {
 public:
  /// Nothing: leave this one out. Else how many were left out before it. `now_us` by a clock that never goes back.
  std::optional<std::int64_t> pass(std::int64_t now_us) {
    constexpr std::int64_t a_second = 1'000'000;
    constexpr int most = 5;
    if (now_us - since_ >= a_second) {
      since_ = now_us;
      said_ = 0;
    }
    if (said_ == most) {
      ++left_out_;
      return std::nullopt;
    }
    ++said_;
    return std::exchange(left_out_, 0);
  }

 private:
  std::int64_t since_ = 0;
  std::int64_t left_out_ = 0;
  int said_ = 0;
};

}  // namespace quipu::log
