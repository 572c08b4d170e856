/// Entities as people type them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quipu::tool {

struct entity_name {
  std::string category;
  std::string key;  ///< its bytes, not escaped
};

/// `category/key`, the key as it is shown (\xHH for what is not printable ASCII) or, without any backslash,
/// as it is. Nothing for anything else.
std::optional<entity_name> parse_entity(std::string_view text);

}  // namespace quipu::tool
