#include "reading/time_argument.hpp"

#include <chrono>

namespace quipu::tool {
namespace {

/// Reads numbers of a fixed number of digits, with what stands between them.
class reader {
 public:
  explicit reader(std::string_view text) : left_(text) {}

  bool at_end() const { return left_.empty(); }
  bool skip(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  std::size_t digits() const {
    std::size_t count = 0;
    while (count < left_.size() && left_[count] >= '0' && left_[count] <= '9') ++count;
    return count;
  }
  std::optional<int> number(std::size_t length) {
    if (digits() < length) return std::nullopt;
    int value = 0;
    for (char c : left_.substr(0, length)) value = 10 * value + (c - '0');
    left_.remove_prefix(length);
    return value;
  }
  /// After a separator; nothing too where the number is more than `most`.
  std::optional<int> number_after(char separator, int most) {
    if (!skip(separator)) return std::nullopt;
    auto value = number(2);
    return value && *value <= most ? value : std::nullopt;
  }

 private:
  std::string_view left_;
};

constexpr std::int64_t second_us = 1'000'000;

/// What remains of the day behind the date, in microseconds from its beginning.
std::optional<time_span> parse_clock(reader& text) {
  auto hour = text.number_after('T', 23);
  if (!hour) return std::nullopt;
  auto minute = text.number_after(':', 59);
  if (!minute) return std::nullopt;
  std::int64_t at = (*hour * 60 + *minute) * 60 * second_us;
  std::int64_t length = 60 * second_us;
  if (!text.at_end() && !text.skip('Z')) {
    auto second = text.number_after(':', 59);
    if (!second) return std::nullopt;
    at += *second * second_us;
    length = second_us;
    if (text.skip('.')) {
      auto digits = text.digits();
      if (digits < 1 || digits > 6) return std::nullopt;
      for (auto i = digits; i > 0; --i) length /= 10;
      at += *text.number(digits) * length;
    }
    text.skip('Z');
  }
  return text.at_end() ? std::optional(time_span{at, at + length - 1}) : std::nullopt;
}

}  // namespace

std::optional<time_span> parse_time(std::string_view text) {
  using namespace std::chrono;
  reader left(text);
  auto year_number = left.number(4);
  if (!year_number || !left.skip('-')) return std::nullopt;
  auto month_number = left.number(2);
  if (!month_number || !left.skip('-')) return std::nullopt;
  auto day_number = left.number(2);
  if (!day_number) return std::nullopt;
  const year_month_day date{year{*year_number}, month{static_cast<unsigned>(*month_number)},
                            day{static_cast<unsigned>(*day_number)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t midnight = duration_cast<microseconds>(sys_days{date}.time_since_epoch()).count();
  if (left.at_end()) return time_span{midnight, midnight + 86'400 * second_us - 1};
  auto clock = parse_clock(left);
  if (!clock) return std::nullopt;
  return time_span{midnight + clock->first_us, midnight + clock->last_us};
}

}  // namespace quipu::tool
