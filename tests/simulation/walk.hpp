/// Runs schedules by the thousand; of a failed one it says everything that is needed to repeat it.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

namespace quipu::simulation {

struct walk_options {
  std::uint64_t schedules = 1;
  std::uint64_t seed = 1;      ///< of the first schedule; the others count on from it
  bool verbose = false;        ///< the whole transcript, not only its end
  std::uint32_t failures = 1;  ///< stop after so many
  std::uint32_t seconds = 0;   ///< stop after so many; 0: never
};

struct walk_figures {
  std::uint64_t schedules = 0, failed = 0;
  std::uint64_t steps = 0, records = 0, answers = 0, rejections = 0, repeats = 0, errors = 0, unknowns = 0,
                expiries = 0, handled = 0;
  double seconds = 0;
  std::string text() const;
};

/// Prints failures to `out`. Not in two threads at once.
walk_figures walk(const walk_options& how, std::ostream& out);

/// What repeats one schedule.
std::string command_line(std::uint64_t seed);

/// An assertion, a crash or an endless loop within a schedule is a finding too: says its seed before the
/// process ends. With `wanted`, the process ends with 0 then.
void catch_crashes(bool wanted);

}  // namespace quipu::simulation
