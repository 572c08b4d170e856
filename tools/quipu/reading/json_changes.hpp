/// What changed between two JSON values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "terminal/printing.hpp"

namespace quipu::tool {

/// At a JSON pointer; a side that is not there was added or removed.
struct json_change {
  std::string path;
  std::optional<json> before;
  std::optional<json> after;
};

/// In the order of the values' own members. Elements of arrays are compared by their index.
std::vector<json_change> changes_between(const json& before, const json& after);

/// {"path", "before", "after"}, without the side that is not there.
json changes_json(const std::vector<json_change>& changes);
/// Safe on a terminal: "/balance 20 -> 70", "/tags/2 added 7", "/owner removed "ada"".
std::string change_text(const json_change& change);

}  // namespace quipu::tool
