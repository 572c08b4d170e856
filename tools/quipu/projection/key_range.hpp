/// Which keys of a table are asked for, as bytes in the table's order.
#pragma once

#include <quipu/projections/key_shape.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace quipu::tool {

/// As it was given; empty where it was not.
struct key_arguments {
  std::string key;
  std::string prefix;
  std::string from;
  std::string to;
  bool any() const { return !(key.empty() && prefix.empty() && from.empty() && to.empty()); }
};

struct key_range {
  std::string first;
  std::optional<std::string> beyond;  ///< the first one that is not in it any more; nothing: to the end

  bool ends_before(std::string_view key) const { return beyond && key >= *beyond; }
  bool begins_behind(std::string_view key) const { return key < first; }
};

/// Keys of this shape, which in the table are followed by others (`further`) or not. Or which option is wrong, and how.
std::expected<key_range, std::string> range_of(const key_arguments& given, const key_shape& shape,
                                               bool further);

}  // namespace quipu::tool
