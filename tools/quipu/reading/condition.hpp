/// Conditions on the fields of a payload, as --where takes them.
#pragma once

#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace quipu::tool {

enum class comparison : std::uint8_t {
  exists,
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
};

/// `/amount >= 100`: a JSON pointer, a comparison, a JSON value. The pointer alone asks whether the field is there.
struct condition {
  using value_type = nlohmann::ordered_json;

  value_type::json_pointer field;
  comparison how = comparison::exists;
  value_type value;

  /// Numbers are compared with numbers, and texts with texts, by their bytes; anything else is equal or is not. A field
  /// that is not there fulfils nothing.
  bool holds(const value_type& payload) const;
};

/// The help of every option that takes one.
inline constexpr auto where_help = "Only where this holds, for example '/amount >= 100'; may be given again";

/// What is wrong with the text, and at which of its characters; a sentence to follow a colon.
std::expected<condition, std::string> parse_condition(std::string_view text);

}  // namespace quipu::tool
