/// The flights as the file tells them, and what an airport's books must say in the end.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace samples {

struct flight {
  std::uint64_t number = 0;        ///< of its line, the first flight's is 1
  std::int64_t scheduled_min = 0;  ///< departure: minutes since the Unix epoch, local time
  std::string origin;
  std::string destination;
  int distance_mi = 0;
  int delay_min = 0;  ///< of the arrival; negative: early
};

/// Columns `scheduled,origin,destination,distance_mi,delay_min` below a line that says so. An error is a text
/// for people that begins with FILE:LINE.
std::expected<std::vector<flight>, std::string> read_flights(const std::filesystem::path& file);

/// What one airport's books must say, computed from the file alone.
struct airport_totals {
  std::uint64_t departures = 0;
  std::uint64_t arrivals = 0;
  std::int64_t distance_mi = 0;
  std::int64_t delay_sum_min = 0;
  std::uint64_t late = 0;
  int worst_delay_min = 0;
  friend bool operator==(const airport_totals&, const airport_totals&) = default;
};

std::map<std::string, airport_totals> totals_of(std::span<const flight> flights);

}  // namespace samples
