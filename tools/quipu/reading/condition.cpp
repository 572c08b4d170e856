#include "reading/condition.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <utility>

namespace quipu::tool {
namespace {

using value_type = condition::value_type;

template <class Number>
std::partial_ordering order_of(const value_type& left, const value_type& right) {
  return left.get<Number>() <=> right.get<Number>();
}

/// Whole numbers exactly, also those that only an unsigned one holds.
std::partial_ordering order_of_numbers(const value_type& left, const value_type& right) {
  if (left.is_number_float() || right.is_number_float()) return order_of<long double>(left, right);
  const bool left_large = left.is_number_unsigned();  // so the parser calls all that are not negative
  const bool right_large = right.is_number_unsigned();
  if (left_large != right_large)
    return left_large ? std::partial_ordering::greater : std::partial_ordering::less;
  return left_large ? order_of<std::uint64_t>(left, right) : order_of<std::int64_t>(left, right);
}

std::partial_ordering order(const value_type& left, const value_type& right) {
  if (left.is_number() && right.is_number()) return order_of_numbers(left, right);
  if (left.is_string() && right.is_string())
    return left.get_ref<const std::string&>() <=> right.get_ref<const std::string&>();
  return left == right ? std::partial_ordering::equivalent : std::partial_ordering::unordered;
}

constexpr std::array<std::pair<std::string_view, comparison>, 6> comparisons{{
    {"==", comparison::equal},
    {"!=", comparison::not_equal},
    {"<=", comparison::less_or_equal},  // before "<", with which it begins
    {">=", comparison::greater_or_equal},
    {"<", comparison::less},
    {">", comparison::greater},
}};

constexpr std::string_view blanks = " \t";

std::unexpected<std::string> wrong(std::string_view text, std::size_t at, const std::string& why) {
  const auto rest = at < text.size() ? " (\"" + std::string(text.substr(at)) + "\")" : " (its end)";
  return std::unexpected("at character " + std::to_string(at + 1) + rest + " " + why);
}

}  // namespace

bool condition::holds(const value_type& payload) const {
  if (!payload.contains(field)) return false;
  if (how == comparison::exists) return true;
  const auto found = order(payload.at(field), value);
  switch (how) {
    case comparison::equal:
      return found == 0;
    case comparison::not_equal:
      return found != 0;
    case comparison::less:
      return found < 0;
    case comparison::less_or_equal:
      return found <= 0;
    case comparison::greater:
      return found > 0;
    case comparison::greater_or_equal:
      return found >= 0;
    case comparison::exists:
      break;
  }
  return true;
}

std::expected<condition, std::string> parse_condition(std::string_view text) {
  auto skip_blanks = [&](std::size_t from) {
    return std::min(text.find_first_not_of(blanks, from), text.size());
  };
  const auto begin = skip_blanks(0);
  if (begin == text.size() || text[begin] != '/')
    return wrong(text, begin, "a field is expected, a JSON pointer such as /amount or /owner/name");
  const auto end = std::min(text.find_first_of(" \t=!<>", begin), text.size());
  condition parsed;
  try {
    parsed.field = value_type::json_pointer(std::string(text.substr(begin, end - begin)));
  } catch (const value_type::parse_error&) {
    return wrong(text, begin, "a JSON pointer is expected: ~ stands only in ~0 (for ~) and ~1 (for /)");
  }
  auto at = skip_blanks(end);
  if (at == text.size()) return parsed;
  for (const auto& [sign, how] : comparisons) {
    if (!text.substr(at).starts_with(sign)) continue;
    parsed.how = how;
    at = skip_blanks(at + sign.size());
    if (at == text.size())
      return wrong(text, at, "a value is expected: a number, a text in quotes, true, false or null");
    parsed.value = value_type::parse(text.substr(at), nullptr, false);
    if (parsed.value.is_discarded())
      return wrong(text, at,
                   "a value is expected in JSON: a number, true, false, null, or a text in double quotes");
    return parsed;
  }
  return wrong(text, at, "a comparison is expected: ==, !=, <, <=, > or >=");
}

}  // namespace quipu::tool
