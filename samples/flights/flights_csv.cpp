#include "flights_csv.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

#include "airport.hpp"

namespace samples {
namespace {

constexpr std::string_view columns = "scheduled,origin,destination,distance_mi,delay_min";

template <class T>
std::optional<T> number_in(std::string_view text) {
  T value{};
  const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (trouble != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// 2001-01-31T23:59, in minutes since the Unix epoch.
std::optional<std::int64_t> minutes_in(std::string_view text) {
  if (text.size() != 16 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':')
    return std::nullopt;
  const auto year = number_in<int>(text.substr(0, 4));
  const auto month = number_in<unsigned>(text.substr(5, 2));
  const auto day = number_in<unsigned>(text.substr(8, 2));
  const auto hour = number_in<unsigned>(text.substr(11, 2));
  const auto minute = number_in<unsigned>(text.substr(14, 2));
  if (!year || !month || !day || !hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return std::int64_t{days} * 1440 + *hour * 60 + *minute;
}

bool is_code(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::expected<flight, std::string> flight_in(std::string_view line) {
  std::array<std::string_view, 5> cells;
  std::size_t count = 0;
  for (std::size_t begin = 0; begin <= line.size(); ++count) {
    const auto end = std::min(line.find(',', begin), line.size());
    if (count < cells.size()) cells[count] = line.substr(begin, end - begin);
    begin = end + 1;
  }
  if (count != cells.size())
    return std::unexpected("5 columns expected, " + std::to_string(count) + " found");
  const auto wrong = [&](std::string_view column, std::size_t index, std::string_view wanted) {
    return std::unexpected(std::string(column) + " is \"" + std::string(cells[index]) + "\"; " +
                           std::string(wanted) + " expected");
  };
  const auto scheduled = minutes_in(cells[0]);
  if (!scheduled) return wrong("scheduled", 0, "a time like 2001-01-31T23:59");
  if (!is_code(cells[1])) return wrong("origin", 1, "an airport's code like SFO");
  if (!is_code(cells[2])) return wrong("destination", 2, "an airport's code like SFO");
  const auto distance = number_in<int>(cells[3]);
  if (!distance || *distance < 0) return wrong("distance_mi", 3, "a number of miles");
  const auto delay = number_in<int>(cells[4]);
  if (!delay) return wrong("delay_min", 4, "a number of minutes");
  return flight{.scheduled_min = *scheduled,
                .origin = std::string(cells[1]),
                .destination = std::string(cells[2]),
                .distance_mi = *distance,
                .delay_min = *delay};
}

}  // namespace

std::expected<std::vector<flight>, std::string> read_flights(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in)
    return std::unexpected(file.string() + ": " + std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
  std::vector<flight> flights;
  std::string line;
  std::uint64_t at = 0;
  const auto fail = [&](const std::string& why) {
    return std::unexpected(file.string() + ":" + std::to_string(at) + ": " + why);
  };
  while (std::getline(in, line)) {
    ++at;
    if (line.ends_with('\r')) line.pop_back();
    if (at == 1) {
      if (line != columns) return fail("the first line must be \"" + std::string(columns) + "\"");
      continue;
    }
    auto read = flight_in(line);
    if (!read) return fail(read.error());
    read->number = at - 1;
    flights.push_back(std::move(*read));
  }
  if (in.bad()) return fail("the file cannot be read to its end");
  if (at == 0) return fail("the file is empty");
  return flights;
}

std::map<std::string, airport_totals> totals_of(std::span<const flight> flights) {
  std::map<std::string, airport_totals> totals;
  for (const auto& one : flights) {
    auto& from = totals[one.origin];
    ++from.departures;
    from.distance_mi += one.distance_mi;
    auto& to = totals[one.destination];
    ++to.arrivals;
    to.delay_sum_min += one.delay_min;
    if (one.delay_min >= airport::late_min) ++to.late;
    to.worst_delay_min = std::max(to.worst_delay_min, one.delay_min);
  }
  return totals;
}

}  // namespace samples
