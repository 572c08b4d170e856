/// Dead letters of one projection, in the lines in which they wait.
#pragma once

#include <quipu/projections/read_models.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "terminal/printing.hpp"

namespace quipu::tool {

/// What stands first: an event of its entity, or a command to its target.
struct waiting_line {
  dead_letter first;
  std::uint64_t behind = 0;
};

/// Of the live generation, a reaction's too, all of them.
journal::result<std::vector<dead_letter>> letters_of(read_models& models, const kept_projection& kept);
std::vector<waiting_line> lines_of(const std::vector<dead_letter>& letters);

/// account/acc-17@3, escaped.
std::string event_text(const event_key& event);
std::string entity_text(const event_key& event);
std::optional<event_key> parse_event(std::string_view text);

/// The keys of --json that a letter has everywhere.
json object_of(const dead_letter& letter);

}  // namespace quipu::tool
