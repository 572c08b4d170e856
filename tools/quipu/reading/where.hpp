/// Filters on the command line: '/balance > 100', '/owner == "ada"', '/lines/0/text != null'.
#pragma once

#include <compare>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "terminal/printing.hpp"

namespace quipu::tool {

/// POINTER OPERATOR VALUE: a JSON pointer, one of == != < <= > >=, and a JSON value. What is not there is null. Only two
/// numbers, and two texts (by their bytes), are less or greater than one another; between others the order does not hold.
class condition {
 public:
  /// Or what is wrong with the text, and how it is written.
  static std::expected<condition, std::string> parse(std::string_view text);

  bool holds(const json& object) const;

 private:
  enum class comparison { equal, unequal, less, less_or_equal, greater, greater_or_equal };
  condition(json::json_pointer where, comparison how, json value)
      : where_(std::move(where)), how_(how), value_(std::move(value)) {}

  json::json_pointer where_;
  comparison how_;
  json value_;
};

/// The help of every option that takes one.
inline constexpr auto where_help =
    "Only where this holds: JSON pointer, == != < <= > or >=, JSON value; may be given again";

}  // namespace quipu::tool
