/// Positions on the command line.
#pragma once

#include <optional>
#include <quipu/journal/position.hpp>
#include <string_view>

namespace quipu::tool {

/// RECORD or RECORD:INDEX.
std::optional<position> parse_position(std::string_view text);

}  // namespace quipu::tool
