/// Times on the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace quipu::tool {

/// What a time names: a day, a minute, a second or a part of one. Microseconds since the Unix epoch, both inclusive.
struct time_span {
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
  friend bool operator==(const time_span&, const time_span&) = default;
};

/// ISO 8601, UTC: 2026-01-31, 2026-01-31T23:59, 2026-01-31T23:59:58 or with 1 to 6 digits of fractions; a Z at the end of a time
/// of day changes nothing. Nothing for any other text, and for days that no calendar has.
std::optional<time_span> parse_time(std::string_view text);

}  // namespace quipu::tool
