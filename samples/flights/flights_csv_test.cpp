#include "flights_csv.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <tuple>

#include "movements.hpp"
#include "support/temporary_directory.hpp"

namespace samples {
namespace {

const std::string header = "scheduled,origin,destination,distance_mi,delay_min\n";

std::expected<std::vector<flight>, std::string> read_text(const std::string& text) {
  const quipu::test::temporary_directory here;
  std::ofstream(here / "f.csv") << text;
  return read_flights(here / "f.csv");
}

std::string trouble_with(const std::string& text) {
  const auto read = read_text(text);
  return read ? "" : read.error().substr(read.error().find("f.csv"));
}

TEST(flights_csv, reads_a_line) {
  const auto read = read_text(header + "1970-01-02T00:01,SFO,LAX,337,-5\r\n");
  ASSERT_TRUE(read) << read.error();
  ASSERT_EQ(read->size(), 1U);
  const auto& one = read->front();
  EXPECT_EQ(one.number, 1U);
  EXPECT_EQ(one.scheduled_min, 1441);
  EXPECT_EQ(one.origin, "SFO");
  EXPECT_EQ(one.destination, "LAX");
  EXPECT_EQ(one.distance_mi, 337);
  EXPECT_EQ(one.delay_min, -5);
}

TEST(flights_csv, names_the_line_that_is_wrong) {
  const auto good = header + "2001-01-01T00:47,DTW,LAS,1750,66\n";
  EXPECT_EQ(trouble_with(good + "2001-01-01T00:47,DTW,LAS,1750\n"), "f.csv:3: 5 columns expected, 4 found");
  EXPECT_EQ(trouble_with(good + "2001-01-01T00:47,DTW,LAS,1750,1,2\n"),
            "f.csv:3: 5 columns expected, 6 found");
  EXPECT_EQ(trouble_with(good + "\n"), "f.csv:3: 5 columns expected, 1 found");
  EXPECT_TRUE(trouble_with(good + "2001-02-30T00:47,DTW,LAS,1750,6\n").starts_with("f.csv:3: scheduled is"));
  EXPECT_TRUE(trouble_with(good + "2001-02-03T24:00,DTW,LAS,1750,6\n").starts_with("f.csv:3: scheduled is"));
  EXPECT_TRUE(trouble_with(good + "2001-02-03T10:00,dtw,LAS,1750,6\n").starts_with("f.csv:3: origin is"));
  EXPECT_TRUE(
      trouble_with(good + "2001-02-03T10:00,DTW,LASX,1750,6\n").starts_with("f.csv:3: destination is"));
  EXPECT_TRUE(trouble_with(good + "2001-02-03T10:00,DTW,LAS,-1,6\n").starts_with("f.csv:3: distance_mi is"));
  EXPECT_TRUE(trouble_with(good + "2001-02-03T10:00,DTW,LAS,1,6 \n").starts_with("f.csv:3: delay_min is"));
  EXPECT_TRUE(  // a delay that is not known is none to add up
      trouble_with(good + "2001-02-03T10:00,DTW,LAS,1,\n").starts_with("f.csv:3: delay_min is"));
  EXPECT_TRUE(trouble_with("a,b\n").starts_with("f.csv:1: the first line must be"));
  EXPECT_EQ(trouble_with(""), "f.csv:0: the file is empty");
  EXPECT_FALSE(read_flights("/does/not/exist.csv"));
}

class flights_file : public testing::Test {
 protected:
  void SetUp() override {
    auto read = read_flights(QUIPU_FLIGHTS_CSV);
    ASSERT_TRUE(read) << read.error();
    flights_ = std::move(*read);
  }
  std::vector<flight> flights_;
};

TEST_F(flights_file, holds_what_its_provenance_says) {
  EXPECT_EQ(flights_.size(), 20'000U);
  std::set<std::string> origins;
  std::set<std::string> destinations;
  for (const auto& one : flights_) {
    origins.insert(one.origin);
    destinations.insert(one.destination);
  }
  EXPECT_EQ(origins.size(), 220U);
  EXPECT_EQ(destinations.size(), 223U);
}

TEST_F(flights_file, totals_add_up) {
  airport_totals sum;
  for (const auto& [code, one] : totals_of(flights_)) {
    sum.departures += one.departures;
    sum.arrivals += one.arrivals;
    sum.distance_mi += one.distance_mi;
    sum.delay_sum_min += one.delay_sum_min;
  }
  std::int64_t distance = 0;
  std::int64_t delay = 0;
  for (const auto& one : flights_) {
    distance += one.distance_mi;
    delay += one.delay_min;
  }
  EXPECT_EQ(sum.departures, 20'000U);
  EXPECT_EQ(sum.arrivals, 20'000U);
  EXPECT_EQ(sum.distance_mi, distance);
  EXPECT_EQ(sum.delay_sum_min, delay);
}

TEST_F(flights_file, movements_come_in_order_with_ids_that_grow) {
  const auto movements = in_order(flights_);
  ASSERT_EQ(movements.size(), 40'000U);
  std::vector<bool> left(flights_.size());
  for (std::size_t i = 0; i < movements.size(); ++i) {
    const auto& one = movements[i];
    if (one.arrival)
      EXPECT_TRUE(left[one.flight->number - 1])
          << "flight " << one.flight->number << " arrived before it left";
    else
      left[one.flight->number - 1] = true;
    if (i == 0) continue;
    const auto& before = movements[i - 1];
    EXPECT_LE(before.at_min, one.at_min);
    EXPECT_LT(id_of(before), id_of(one));
  }
}

}  // namespace
}  // namespace samples
