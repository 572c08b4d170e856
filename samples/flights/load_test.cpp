#include "load.hpp"

#include <gtest/gtest.h>
#include <quipu/runtime.hpp>

#include "audit.hpp"
#include "support/temporary_directory.hpp"

namespace samples {
namespace {

class load : public testing::Test {
 protected:
  void SetUp() override {
    auto read = read_flights(QUIPU_FLIGHTS_CSV);
    ASSERT_TRUE(read) << read.error();
    flights_ = std::move(*read);
    flights_.resize(2'000);
  }
  load_report run(std::size_t from = 0) {
    const auto report = load_flights(flights_, {.directory = here_.path(), .from = from}, {});
    EXPECT_TRUE(report) << report.error();
    return report.value_or(load_report{});
  }
  void expect_right_books() {
    const auto domain = quipu::domain{"flights", quipu::entities<airport>};
    auto rt = quipu::runtime::open(domain, {.directory = here_.path()});
    ASSERT_TRUE(rt) << rt.error().text;
    const auto states = read_airports(*rt, flights_);
    ASSERT_TRUE(states) << states.error();
    EXPECT_EQ(differences(*states, flights_), std::vector<std::string>{});
    const auto counted = count_in_journal(*rt->journal(), flights_);
    ASSERT_TRUE(counted) << counted.error();
    EXPECT_EQ(counted->wrong, std::vector<std::string>{});
    EXPECT_EQ(counted->events, 2 * flights_.size());
  }

  quipu::test::temporary_directory here_;
  std::vector<flight> flights_;
};

TEST_F(load, records_every_movement_once) {
  std::size_t confirmed = 0;
  std::size_t latencies = 0;
  const auto report = load_flights(flights_, {.directory = here_.path()},
                                   {.answered = [&](std::size_t to, std::span<const std::uint32_t> took) {
                                     EXPECT_GE(to, confirmed);
                                     confirmed = to;
                                     latencies += took.size();
                                   }});
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(report->recorded, 4'000U);
  EXPECT_EQ(report->repeats, 0U);
  EXPECT_EQ(confirmed, 4'000U);
  EXPECT_EQ(latencies, 4'000U);
  expect_right_books();
}

TEST_F(load, sent_again_from_the_start_nothing_counts_twice) {
  run();
  const auto again = run();
  EXPECT_EQ(again.recorded, 0U);
  EXPECT_EQ(again.repeats + again.forgotten, 4'000U);
  const auto tail = run(3'800);
  EXPECT_EQ(tail.repeats, 200U);  // these are all remembered
  expect_right_books();
}

TEST_F(load, goes_on_where_another_stopped) {
  const auto all = std::exchange(flights_, {flights_.begin(), flights_.begin() + 500});
  run();
  flights_ = all;
  const auto rest = run();
  EXPECT_EQ(rest.recorded, 3'000U);
  EXPECT_EQ(rest.repeats + rest.forgotten, 1'000U);
  expect_right_books();
}

TEST_F(load, the_audit_finds_what_is_missing) {
  const auto all = std::exchange(flights_, {flights_.begin(), flights_.begin() + 1'999});
  run();
  const auto domain = quipu::domain{"flights", quipu::entities<airport>};
  auto rt = quipu::runtime::open(domain, {.directory = here_.path()});
  ASSERT_TRUE(rt) << rt.error().text;
  const auto states = read_airports(*rt, all);
  ASSERT_TRUE(states) << states.error();
  EXPECT_EQ(differences(*states, all).size(), 2U);
  const auto counted = count_in_journal(*rt->journal(), all);
  ASSERT_TRUE(counted) << counted.error();
  EXPECT_EQ(counted->wrong, (std::vector<std::string>{"departure of flight 2000 is missing",
                                                      "arrival of flight 2000 is missing"}));
}

}  // namespace
}  // namespace samples
