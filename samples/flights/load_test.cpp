#include "load.hpp"

#include <gtest/gtest.h>
#include <quipu/runtime.hpp>

#include "audit.hpp"
#include "flights_domain.hpp"
#include "live_tables.hpp"
#include "support/temporary_directory.hpp"
#include "tables_audit.hpp"

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
  quipu::runtime open() const {
    auto rt = quipu::runtime::open(flights_domain(), {.directory = here_.path()});
    if (!rt) throw std::runtime_error(rt.error().text);
    return std::move(*rt);
  }
  load_report run(std::size_t from = 0) {
    auto rt = open();
    const auto report = load_flights(rt, flights_, from);
    EXPECT_TRUE(report) << report.error();
    return report.value_or(load_report{});
  }
  void expect_right_books() {
    auto rt = open();
    const auto states = read_airports(rt, flights_);
    ASSERT_TRUE(states) << states.error();
    EXPECT_EQ(differences(*states, flights_), std::vector<std::string>{});
    const auto counted = count_in_journal(*rt.journal(), flights_);
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
  std::expected<load_report, std::string> report;
  {
    auto rt = open();
    report = load_flights(rt, flights_, 0, [&](std::size_t to, std::span<const std::uint32_t> took) {
      EXPECT_GE(to, confirmed);
      confirmed = to;
      latencies += took.size();
    });
  }
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
  auto rt = open();
  const auto states = read_airports(rt, all);
  ASSERT_TRUE(states) << states.error();
  EXPECT_EQ(differences(*states, all).size(), 2U);
  const auto counted = count_in_journal(*rt.journal(), all);
  ASSERT_TRUE(counted) << counted.error();
  EXPECT_EQ(counted->wrong, (std::vector<std::string>{"departure of flight 2000 is missing",
                                                      "arrival of flight 2000 is missing"}));
}

TEST_F(load, the_tables_are_what_the_journal_adds_up_to) {
  auto rt = open();
  quipu::read_models models(here_.path());
  journal_sums at_first;
  for (const bool first : {true, false}) {
    // Followed from the start, and then again from where the other one stopped.
    const auto tables = live_tables::follow(models, *rt.journal());
    ASSERT_TRUE(tables) << tables.error();
    const auto some = std::span(flights_).first(first ? 700 : 2'000);
    const auto report = load_flights(rt, some);
    ASSERT_TRUE(report) << report.error();
    const auto there = tables->catch_up(std::chrono::seconds(30));
    ASSERT_TRUE(there) << there.error();
    const auto counted = count_in_journal(*rt.journal(), flights_);
    ASSERT_TRUE(counted) << counted.error();
    EXPECT_EQ(differences(models, counted->sums).value(), std::vector<std::string>{});
    for (const auto& now : tables->status()) EXPECT_EQ(now.backlog, quipu::backlog_word::ok) << now.name;
    if (first) at_first = counted->sums;
  }
  // An audit that finds nothing must be one that can.
  EXPECT_EQ(differences(models, at_first).value().size(), 10U);
  EXPECT_EQ(differences(models, {}).value().size(), 10U);
}

}  // namespace
}  // namespace samples
