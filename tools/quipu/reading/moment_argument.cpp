#include "reading/moment_argument.hpp"

#include "reading/position_argument.hpp"
#include "reading/time_argument.hpp"

namespace quipu::tool {

std::optional<moment> parse_moment(std::string_view text) {
  if (auto at = parse_position(text))
    return moment{.at = at, .whole_record = text.find(':') == std::string_view::npos, .time_us = 0};
  if (auto time = parse_time(text)) return moment{.at = {}, .whole_record = false, .time_us = time->last_us};
  return std::nullopt;
}

}  // namespace quipu::tool
