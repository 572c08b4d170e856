#include "reading/moment_argument.hpp"

#include <charconv>
#include <chrono>

#include "reading/position_argument.hpp"

namespace quipu::tool {
namespace {

/// Takes as many digits from the front; nothing where they are not there.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits) {
  unsigned value = 0;
  if (text.size() < digits) return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  using namespace std::chrono;
  const auto y = take_number(text, 4);
  if (!y || !take(text, '-')) return std::nullopt;
  const auto m = take_number(text, 2);
  if (!m || !take(text, '-')) return std::nullopt;
  const auto d = take_number(text, 2);
  if (!d) return std::nullopt;
  const year_month_day date{year(static_cast<int>(*y)), month(*m), day(*d)};
  if (!date.ok()) return std::nullopt;
  microseconds clock{0};
  if (take(text, 'T')) {
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    clock = hours(*hour) + minutes(*minute);
    if (take(text, ':')) {
      const auto second = take_number(text, 2);
      if (!second || *second > 59) return std::nullopt;
      clock += seconds(*second);
      if (take(text, '.')) {
        if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
        for (std::int64_t unit = 100'000; unit > 0 && !text.empty() && text.front() != 'Z'; unit /= 10) {
          const auto digit = take_number(text, 1);
          if (!digit) return std::nullopt;
          clock += microseconds(unit * *digit);
        }
      }
    }
    take(text, 'Z');
  }
  if (!text.empty()) return std::nullopt;
  return (sys_days(date) + clock).time_since_epoch() / microseconds(1);
}

std::optional<moment> parse_moment(std::string_view text) {
  if (auto at = parse_position(text))
    return moment{.at = at, .whole_record = text.find(':') == std::string_view::npos, .time_us = 0};
  if (auto time = parse_time(text)) return moment{.at = {}, .whole_record = false, .time_us = *time};
  return std::nullopt;
}

}  // namespace quipu::tool
