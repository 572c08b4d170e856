#include "reading/where.hpp"

#include <utility>

namespace quipu::tool {
namespace {

// The library compares whole numbers of different signedness by their bits.
std::partial_ordering order_of(const json& a, const json& b) {
  if (a.is_string() && b.is_string())
    return a.get_ref<const std::string&>() <=> b.get_ref<const std::string&>();
  if (!a.is_number() || !b.is_number()) return std::partial_ordering::unordered;
  if (a.is_number_float() || b.is_number_float()) return a.get<double>() <=> b.get<double>();
  const auto negative = [](const json& number) {
    return !number.is_number_unsigned() && number.get<std::int64_t>() < 0;
  };
  if (negative(a) != negative(b))
    return negative(a) ? std::partial_ordering::less : std::partial_ordering::greater;
  if (negative(a)) return a.get<std::int64_t>() <=> b.get<std::int64_t>();
  return a.get<std::uint64_t>() <=> b.get<std::uint64_t>();
}

bool equal(const json& a, const json& b) {
  return a.is_number() && b.is_number() ? order_of(a, b) == 0 : a == b;
}

std::string_view trimmed(std::string_view text) {
  constexpr auto blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::expected<condition, std::string> condition::parse(std::string_view text) {
  const auto wrong = [&](const std::string& what) {
    return std::unexpected(
        std::string(text) + ": " + what +
        "; write a JSON pointer, an operator and a JSON value, for example '/balance > 100' or "
        "'/owner == \"ada\"'");
  };
  constexpr std::pair<std::string_view, comparison> operators[] = {
      {"==", comparison::equal}, {"!=", comparison::unequal},          {"<=", comparison::less_or_equal},
      {"<", comparison::less},   {">=", comparison::greater_or_equal}, {">", comparison::greater},
  };
  const auto at = text.find_first_of("=!<>");
  if (at == std::string_view::npos) return wrong("there is no operator in it");
  const auto rest = text.substr(at);
  for (const auto& [sign, how] : operators) {
    if (!rest.starts_with(sign)) continue;
    const auto pointer = trimmed(text.substr(0, at));
    const auto value = trimmed(rest.substr(sign.size()));
    auto parsed = json::parse(value, nullptr, false);
    if (parsed.is_discarded())
      return wrong(value.empty() ? "there is no value behind the operator"
                                 : std::string(value) + " is no JSON value (text stands in double quotes)");
    try {
      return condition(json::json_pointer(std::string(pointer)), how, std::move(parsed));
    } catch (const json::exception&) {
      return wrong((pointer.empty() ? "nothing" : std::string(pointer)) +
                   " is no JSON pointer: it begins with /");
    }
  }
  return wrong("the operators are ==, !=, <, <=, > and >=");
}

bool condition::holds(const json& object) const {
  static const json nothing;
  const auto* found = &nothing;
  try {
    if (object.contains(where_)) found = &object.at(where_);
  } catch (const json::exception&) {  // an index of an array that is no number, or too large
  }
  switch (how_) {
    case comparison::equal:
      return equal(*found, value_);
    case comparison::unequal:
      return !equal(*found, value_);
    case comparison::less:
      return order_of(*found, value_) < 0;
    case comparison::less_or_equal:
      return order_of(*found, value_) <= 0;
    case comparison::greater:
      return order_of(*found, value_) > 0;
    case comparison::greater_or_equal:
      return order_of(*found, value_) >= 0;
  }
  return false;
}

}  // namespace quipu::tool
