/// Moments in a journal's life on the command line: positions and times.
#pragma once

#include <cstdint>
#include <optional>
#include <quipu/journal/position.hpp>
#include <string_view>

namespace quipu::tool {

/// 2026-01-31, 2026-01-31T23:59, 2026-01-31T23:59:59 or with up to six digits of a second, and a Z or not: UTC. Microseconds
/// since the Unix epoch.
std::optional<std::int64_t> parse_time(std::string_view text);

/// The end of what is to be looked at.
struct moment {
  std::optional<position> at;  ///< up to this event, or to the end of its record
  bool whole_record = false;
  std::int64_t time_us = 0;  ///< without `at`: up to the last commit of that time
};

/// RECORD, RECORD:INDEX or a time.
std::optional<moment> parse_moment(std::string_view text);

}  // namespace quipu::tool
