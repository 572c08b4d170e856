/// Whether the books are right: every flight once, no flight twice, every sum as the file has it.
#pragma once

#include <quipu/journal/journal.hpp>
#include <quipu/runtime.hpp>

#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "airport.hpp"
#include "delay_by_route.hpp"
#include "flights_csv.hpp"

namespace samples {

using airport_states = std::map<std::string, flights::AirportT>;

/// The state of every airport that the flights name; what is not there is left out. An error is a text for
/// people.
std::expected<airport_states, std::string> read_airports(quipu::runtime& rt, std::span<const flight> flights);

/// What differs between the states and what the file says; empty when nothing does.
std::vector<std::string> differences(const airport_states& states, std::span<const flight> flights);

/// Of flights that arrived.
struct delay_totals {
  std::uint64_t arrivals = 0;
  std::int64_t delay_sum_min = 0;
  std::uint64_t late = 0;
  int worst_delay_min = 0;
  friend bool operator==(const delay_totals&, const delay_totals&) = default;
};

/// What the journal's events add up to, without any projection.
struct journal_sums {
  std::map<route, delay_totals> by_route;
  std::map<int, delay_totals> by_hour;  ///< of the day, 0 to 23
  std::map<route, std::uint64_t> departures;
};

struct journal_count {
  std::uint64_t events = 0;
  std::uint64_t records = 0;
  /// Missing, doubled and unknown movements, in words; bounded.
  std::vector<std::string> wrong;
  journal_sums sums;
};

/// Reads the journal from its first record to its end and looks for every movement of every flight.
std::expected<journal_count, std::string> count_in_journal(quipu::journal::journal& journal,
                                                           std::span<const flight> flights);

}  // namespace samples
