#include <gtest/gtest.h>
#include <quipu/projections/testing.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "busiest_routes.hpp"
#include "delay_by_hour.hpp"
#include "delay_by_route.hpp"
#include "flights_csv.hpp"

namespace samples {
namespace {

using quipu::testing::given;
using quipu::testing::of;

flights::ArrivedT arrived(const char* origin, int delay_min, std::int64_t scheduled_min = 0) {
  return {.origin = origin, .scheduled_min = scheduled_min, .delay_min = delay_min};
}
flights::DepartedT departed(const char* destination) { return {.destination = destination}; }

TEST(delay_by_route, adds_up_what_arrived) {
  given<delay_by_route>({of("LAX", arrived("SFO", -5)), of("LAX", arrived("SFO", 15)),
                         of("SFO", arrived("LAX", 14)), of("LAX", arrived("OAK", -7))})
      .holds({"SFO", "LAX"}, {.arrivals = 2, .delay_sum_min = 10, .late = 1, .worst_delay_min = 15})
      .holds({"LAX", "SFO"}, {.arrivals = 1, .delay_sum_min = 14, .late = 0, .worst_delay_min = 14})
      .holds({"OAK", "LAX"}, {.arrivals = 1, .delay_sum_min = -7, .late = 0, .worst_delay_min = -7});
}

TEST(delay_by_route, a_flight_that_only_left_has_no_delay) {
  auto rows = given<delay_by_route>({of("SFO", departed("LAX"))});
  rows.lacks({"SFO", "LAX"});
  rows.also({of("LAX", arrived("SFO", 30)), of("SFO", departed("LAX"))})
      .holds({"SFO", "LAX"}, {.arrivals = 1, .delay_sum_min = 30, .late = 1, .worst_delay_min = 30});
}

TEST(delay_by_route, the_route_that_lost_most_comes_first) {
  auto rows = given<delay_by_route>({of("B", arrived("A", 20)), of("C", arrived("A", -3)),
                                     of("D", arrived("A", 90)), of("B", arrived("A", 80))});
  const auto order = rows.look([](const delay_by_route::tables& t) {
    std::string found;
    t.scan_by<delay_by_route::routes, "lost">([&](const route& which, const flights::DelayRowT& row) {
      found += std::get<1>(which) + " " + std::to_string(row.delay_sum_min) + " ";
    });
    return found;
  });
  EXPECT_EQ(order, "B 100 D 90 C -3 ");
}

TEST(delay_by_hour, goes_by_when_the_flight_should_have_left) {
  constexpr int minutes_a_day = 24 * 60;
  given<delay_by_hour>({of("LAX", arrived("SFO", 10, 7 * 60)),
                        of("JFK", arrived("SFO", 20, minutes_a_day + 7 * 60 + 59)),
                        of("LAX", arrived("SFO", 5, 8 * 60)), of("LAX", arrived("SFO", 1, -1))})
      .holds(7, {.arrivals = 2, .delay_sum_min = 30, .late = 1, .worst_delay_min = 20})
      .holds(8, {.arrivals = 1, .delay_sum_min = 5, .late = 0, .worst_delay_min = 5})
      .holds(23, {.arrivals = 1, .delay_sum_min = 1, .late = 0, .worst_delay_min = 1})
      .lacks(0);
}

TEST(busiest_routes, the_top_ones_are_the_beginning_of_a_scan) {
  auto rows = given<busiest_routes>({of("A", departed("B")), of("A", departed("C")), of("A", departed("C")),
                                     of("D", departed("A")), of("A", departed("C")), of("D", departed("A"))});
  const auto top = rows.look([](const busiest_routes::tables& t) {
    std::string found;
    int wanted = 2;
    t.scan_by<busiest_routes::routes, "flown">([&](const route& which, const flights::RouteRowT& row) {
      found += std::get<0>(which) + std::get<1>(which) + " " + std::to_string(row.departures) + " ";
      return --wanted > 0;
    });
    return found;
  });
  EXPECT_EQ(top, "AC 3 DA 2 ");
}

/// Of the lines of the file with one value in a column.
struct sums {
  std::uint64_t count = 0;
  std::int64_t minutes = 0;
  friend bool operator==(const sums&, const sums&) = default;
};

/// The file as it is, read and added up without the code of the sample: what the tables must come to.
class every_flight : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream in(QUIPU_FLIGHTS_CSV);
    std::string line;
    ASSERT_TRUE(std::getline(in, line));
    while (std::getline(in, line)) {
      std::istringstream cells(line);
      std::string scheduled, origin, destination, miles, delay;
      std::getline(
          std::getline(std::getline(std::getline(cells, scheduled, ','), origin, ','), destination, ','),
          miles, ',');
      cells >> delay;
      ASSERT_FALSE(delay.empty()) << line;  // there is none without one
      for (auto* sum : {&by_route_[origin + destination], &by_hour_[std::stoi(scheduled.substr(11, 2))]}) {
        ++sum->count;
        sum->minutes += std::stoi(delay);
      }
    }
    auto read = read_flights(QUIPU_FLIGHTS_CSV);
    ASSERT_TRUE(read) << read.error();
    flights_ = std::move(*read);
    ASSERT_EQ(flights_.size(), 20'000U);
  }
  template <class P>
  quipu::testing::folded<P> all_arrivals() const {
    auto rows = given<P>();
    for (const auto& one : flights_)
      rows.also({of(one.destination, arrived(one.origin.c_str(), one.delay_min, one.scheduled_min))});
    return rows;
  }

  std::map<std::string, sums> by_route_;
  std::map<int, sums> by_hour_;
  std::vector<flight> flights_;
};

TEST_F(every_flight, delays_by_route_are_those_of_the_file) {
  std::map<std::string, sums> rows;
  all_arrivals<delay_by_route>().look([&](const delay_by_route::tables& t) {
    t.scan<delay_by_route::routes>([&](const route& which, const flights::DelayRowT& row) {
      rows[std::get<0>(which) + std::get<1>(which)] = {row.arrivals, row.delay_sum_min};
    });
  });
  EXPECT_EQ(rows.size(), 2'977U);
  EXPECT_TRUE(rows == by_route_);
}

TEST_F(every_flight, delays_by_hour_are_those_of_the_file) {
  std::map<int, sums> rows;
  all_arrivals<delay_by_hour>().look([&](const delay_by_hour::tables& t) {
    t.scan<delay_by_hour::hours>(
        [&](int hour, const flights::DelayRowT& row) { rows[hour] = {row.arrivals, row.delay_sum_min}; });
  });
  EXPECT_EQ(rows.size(), 24U);
  EXPECT_TRUE(rows == by_hour_);
}

TEST_F(every_flight, the_busiest_routes_are_those_of_the_file) {
  auto all = given<busiest_routes>();
  for (const auto& one : flights_) all.also({of(one.origin, departed(one.destination.c_str()))});
  std::vector<std::pair<std::uint64_t, std::string>> top;
  all.look([&](const busiest_routes::tables& t) {
    t.scan_by<busiest_routes::routes, "flown">([&](const route& which, const flights::RouteRowT& row) {
      top.emplace_back(row.departures, std::get<0>(which) + std::get<1>(which));
      return top.size() < 100;
    });
  });
  std::vector<std::pair<std::uint64_t, std::string>> expected;
  for (const auto& [name, sum] : by_route_) expected.emplace_back(sum.count, name);
  // Those that are equally busy stand in the order of their names.
  std::ranges::sort(expected, [](const auto& a, const auto& b) {
    return std::pair(b.first, a.second) < std::pair(a.first, b.second);
  });
  expected.resize(100);
  EXPECT_EQ(top, expected);
}

}  // namespace
}  // namespace samples
