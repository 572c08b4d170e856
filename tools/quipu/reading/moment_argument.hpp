/// Moments in a journal's life on the command line: positions and times.
#pragma once

#include <cstdint>
#include <optional>
#include <quipu/journal/position.hpp>
#include <string_view>

namespace quipu::tool {

/// The end of what is to be looked at.
struct moment {
  std::optional<position> at;  ///< up to this event, or to the end of its record
  bool whole_record = false;
  std::int64_t time_us = 0;  ///< without `at`: up to the last commit of that time
};

/// RECORD, RECORD:INDEX or a time: a day or a minute means to its end.
std::optional<moment> parse_moment(std::string_view text);

}  // namespace quipu::tool
