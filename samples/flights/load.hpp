/// Sends all movements to their airports, as a worker that may be killed at any time and started again.
#pragma once

#include <quipu/status.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "flights_csv.hpp"

namespace samples {

/// How many commands wait for their answer at most. Below what an airport remembers (airport::repeats):
/// whatever had no answer when the worker died is known as a repeat when it is sent again.
inline constexpr std::size_t most_outstanding = 256;

struct load_options {
  std::filesystem::path directory;
  std::string journal = "lmdb:";
  /// Index of the first movement to send: all before it are known to have been answered. 0 is always right.
  std::size_t from = 0;
};

/// What the worker tells while it works, on the thread that called load_flights().
struct load_listener {
  std::function<void(const quipu::recovery_status&)> opened;
  /// All movements before `confirmed` are answered. The latencies are of the answers since the last call.
  std::function<void(std::size_t confirmed, std::span<const std::uint32_t> latencies_us)> answered;
};

struct load_report {
  std::size_t recorded = 0;   ///< new to their airport
  std::size_t repeats = 0;    ///< had been recorded before: told the original answer
  std::size_t forgotten = 0;  ///< had been recorded so long ago that the answer is gone
};

/// Errors are texts for people. After one, or after a crash, calling it again finishes the work.
std::expected<load_report, std::string> load_flights(std::span<const flight> flights, const load_options& how,
                                                     const load_listener& listener);

}  // namespace samples
