#include "config/value_text.hpp"

#include <quipu/journal/open.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace quipu::config {
namespace {

constexpr std::string_view hidden = "…";

struct unit {
  std::string_view name;
  std::int64_t worth;
};
// From the smallest on.
constexpr unit size_units[] = {
    {"B", 1}, {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}, {"TiB", 1LL << 40}};
constexpr unit time_units[] = {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

std::span<const unit> units_of(form written) {
  return written == form::size ? std::span<const unit>(size_units) : std::span<const unit>(time_units);
}

constexpr std::array levels{log_level::debug, log_level::info, log_level::warning, log_level::error,
                            log_level::off};
constexpr std::array formats{log_format::text, log_format::json};

template <class... F>
struct overload : F... {
  using F::operator()...;
};

// The names of all that a word may be.
template <class T, std::size_t N>
std::string names(const std::array<T, N>& all) {
  std::string text;
  for (const auto one : all) text += (text.empty() ? "" : ", ") + std::string(name_of(one));
  return text;
}

template <class T, std::size_t N>
std::string set_word(T& into, const std::array<T, N>& all, std::string_view text) {
  const auto* found = std::ranges::find_if(all, [&](T one) { return name_of(one) == text; });
  if (found == all.end()) return "is none of the words";
  into = *found;
  return {};
}

// Counts, sizes and durations are numbers; the others are none.
std::optional<std::int64_t> number_in(const slot& at) {
  return std::visit(
      overload{[](const std::uint32_t* n) -> std::optional<std::int64_t> { return *n; },
               [](const std::uint64_t* n) -> std::optional<std::int64_t> {
                 return static_cast<std::int64_t>(
                     std::min<std::uint64_t>(*n, std::numeric_limits<std::int64_t>::max()));
               },
               [](const std::chrono::milliseconds* n) -> std::optional<std::int64_t> { return n->count(); },
               [](const auto*) -> std::optional<std::int64_t> { return std::nullopt; }},
      at);
}

void put_number(const slot& at, std::int64_t value) {
  std::visit(
      overload{[&](std::uint32_t* n) { *n = static_cast<std::uint32_t>(value); },
               [&](std::uint64_t* n) { *n = static_cast<std::uint64_t>(value); },
               [&](std::chrono::milliseconds* n) { *n = std::chrono::milliseconds(value); }, [](auto*) {}},
      at);
}

std::string with_unit(form written, std::int64_t value) {
  if (written == form::count) return std::to_string(value);
  auto best = units_of(written).front();
  for (const auto& one : units_of(written))
    if (value != 0 && value % one.worth == 0) best = one;
  return std::to_string(value / best.worth) + " " + std::string(best.name);
}

std::string set_number(const key& what, const slot& at, std::string_view text) {
  std::int64_t number = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto [stop, failed] = std::from_chars(begin, end, number);
  if (failed == std::errc::result_out_of_range) return "is out of range";
  if (failed != std::errc())
    return what.form == form::count ? "is no whole number" : "does not begin with a number";
  std::string_view rest(stop, static_cast<std::size_t>(end - stop));
  std::int64_t worth = 1;
  if (what.form == form::count) {
    if (!rest.empty()) return "is no whole number";
  } else {
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    if (rest.empty()) return "has no unit";
    const auto units = units_of(what.form);
    const auto unit = std::ranges::find(units, rest, &unit::name);
    if (unit == units.end()) return "has an unknown unit, or a fraction";
    worth = unit->worth;
  }
  if (number < 0 || number > what.bounds.most / worth || number * worth < what.bounds.least)
    return "is out of range";
  put_number(at, number * worth);
  return {};
}

}  // namespace

std::string set(const key& what, options& in, std::string_view text) {
  const auto at = what.in(in);
  return std::visit(overload{[&](bool* flag) -> std::string {
                               if (text != "true" && text != "false") return "is neither true nor false";
                               *flag = text == "true";
                               return {};
                             },
                             [&](std::string* into) -> std::string {
                               *into = text;
                               return {};
                             },
                             [&](std::filesystem::path* into) -> std::string {
                               *into = text;
                               return {};
                             },
                             [&](log_level* into) { return set_word(*into, levels, text); },
                             [&](log_format* into) { return set_word(*into, formats, text); },
                             [&](auto*) { return set_number(what, at, text); }},
                    at);
}

std::string get(const key& what, options& from) {
  const auto at = what.in(from);
  return std::visit(overload{[](const bool* flag) -> std::string { return *flag ? "true" : "false"; },
                             [](const std::string* text) { return *text; },
                             [](const std::filesystem::path* path) { return path->string(); },
                             [](const log_level* word) { return std::string(name_of(*word)); },
                             [](const log_format* word) { return std::string(name_of(*word)); },
                             [&](const auto*) { return with_unit(what.form, *number_in(at)); }},
                    at);
}

std::string show(const key& what, options& from) {
  auto text = get(what, from);
  if (what.shown == shown::as_url) return journal::without_secrets(text);
  if (what.shown == shown::never && !text.empty()) return std::string(hidden);
  return text;
}

bool within(const key& what, options& from) {
  const auto number = number_in(what.in(from));
  return !number || (*number >= what.bounds.least && *number <= what.bounds.most);
}

std::string range_text(const key& what) {
  if (what.form != form::count && what.form != form::size && what.form != form::duration) return {};
  const auto& [least, most] = what.bounds;
  if (what.form == form::count && most < std::numeric_limits<std::uint32_t>::max())
    return std::to_string(least) + " to " + std::to_string(most);
  return least > 0 ? "at least " + with_unit(what.form, least) : "";
}

std::string type_text(const key& what) {
  constexpr std::array<std::string_view, 7> words{"true or false", "whole number", "size", "duration",
                                                  "text",          "path",         ""};
  std::string text(words[static_cast<std::size_t>(what.form)]);
  if (what.form == form::word) {
    options any;
    text = std::holds_alternative<log_level*>(what.in(any)) ? names(levels) : names(formats);
  }
  const auto range = range_text(what);
  return range.empty() ? text : text + ", " + range;
}

std::string advice(const key& what) {
  const auto range = range_text(what);
  const auto numbers = range.empty() ? "" : " (" + range + ")";
  switch (what.form) {
    case form::flag:
      return "write true or false, without quotes";
    case form::count:
      return "write a whole number without quotes" + numbers;
    case form::size:
      return R"(write a text such as "64 MiB": a whole number with B, KiB, MiB, GiB or TiB)" + numbers;
    case form::duration:
      return R"(write a text such as "500 ms" or "30 s": a whole number with ms, s, min, h or d)" + numbers;
    case form::word:
      return "write one of " + type_text(what);
    default:
      return "write a text in quotes";
  }
}

}  // namespace quipu::config
