#include "airport.hpp"

#include <gtest/gtest.h>
#include <quipu/testing.hpp>

namespace samples {
namespace {

using quipu::testing::given;

const quipu::testing::circumstances at_sfo{.key = "SFO"};

flights::ArrivedT arrived(std::uint64_t flight, int delay_min) {
  return {.flight = flight, .origin = "HNL", .scheduled_min = 16303750, .delay_min = delay_min};
}

TEST(airport, begins_with_its_first_movement) {
  given<airport>()
      .when(
          flights::RecordDepartureT{
              .flight = 1, .scheduled_min = 16303727, .destination = "LAS", .distance_mi = 414},
          at_sfo)
      .then({flights::DepartedT{
          .flight = 1, .scheduled_min = 16303727, .destination = "LAS", .distance_mi = 414}})
      .replies({.departures = 1, .arrivals = 0});
  given<airport>()
      .when(flights::RecordArrivalT{.flight = 2, .origin = "HNL", .scheduled_min = 16303750, .delay_min = 95},
            at_sfo)
      .then({arrived(2, 95)})
      .replies({.departures = 0, .arrivals = 1});
}

TEST(airport, knows_its_delays) {
  const auto seen = given<airport>({arrived(1, -5), arrived(2, 95), arrived(3, 14)})
                        .when(flights::RecordArrivalT{.flight = 4, .origin = "HNL", .delay_min = 20}, at_sfo);
  EXPECT_EQ(seen.state().arrivals, 4U);
  EXPECT_EQ(seen.state().delay_sum_min, 124);
  EXPECT_EQ(seen.state().late, 2U);
  EXPECT_EQ(seen.state().worst_delay_min, 95);
  EXPECT_EQ(seen.state().worst_flight, 2U);
}

TEST(airport, remembers_the_last_eight) {
  const auto seen = given<airport>({arrived(1, 0), arrived(2, 0), arrived(3, 0), arrived(4, 0), arrived(5, 0),
                                    arrived(6, 0), arrived(7, 0), arrived(8, 0), arrived(9, 0)})
                        .when(flights::RecordDepartureT{.flight = 10, .destination = "LAS"}, at_sfo);
  ASSERT_EQ(seen.state().last.size(), 8U);
  EXPECT_EQ(seen.state().last.front()->flight, 3U);
  EXPECT_EQ(seen.state().last.back()->flight, 10U);
  EXPECT_FALSE(seen.state().last.back()->arrival);
}

TEST(airport, takes_only_codes) {
  given<airport>()
      .when(flights::RecordDepartureT{.flight = 1, .destination = "Las Vegas"}, at_sfo)
      .rejects("not_an_airport");
  given<airport>()
      .when(flights::RecordArrivalT{.flight = 1, .origin = "HNL"}, {.key = "sfo"})
      .rejects("not_an_airport");
  given<airport>()
      .when(flights::RecordDepartureT{.flight = 1, .destination = "LAS", .distance_mi = -1}, at_sfo)
      .rejects("distance_negative");
}

}  // namespace
}  // namespace samples
