/// Sends all movements to their airports, as a worker that may be killed at any time and started again.
#pragma once

#include <quipu/runtime.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>

#include "flights_csv.hpp"

namespace samples {

/// How many commands wait for their answer at most. Below what an airport remembers (airport::repeats):
/// whatever had no answer when the worker died is known as a repeat when it is sent again.
inline constexpr std::size_t most_outstanding = 256;

/// Told while the load runs, on the thread that called load_flights(): all movements before `confirmed` are answered; the
/// latencies are of the answers since the last call.
using load_listener = std::function<void(std::size_t confirmed, std::span<const std::uint32_t> latencies_us)>;

struct load_report {
  std::size_t recorded = 0;   ///< new to their airport
  std::size_t repeats = 0;    ///< had been recorded before: told the original answer
  std::size_t forgotten = 0;  ///< had been recorded so long ago that the answer is gone
};

/// Sends the movements from index `from` on to a runtime of the flights' domain: all before it are known to have been
/// answered, and 0 is always right. Errors are texts for people. After one, or after a crash, calling it again finishes the work.
std::expected<load_report, std::string> load_flights(quipu::runtime& rt, std::span<const flight> flights,
                                                     std::size_t from = 0,
                                                     const load_listener& listener = {});

}  // namespace samples
