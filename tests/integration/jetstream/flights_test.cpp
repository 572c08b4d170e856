// The flights sample loads its file while its server is killed again and again.
#include "one_server.hpp"

#include "audit.hpp"
#include "flights_domain.hpp"
#include "live_tables.hpp"
#include "load.hpp"
#include "tables_audit.hpp"

#include <csignal>

namespace quipu::test {
namespace {

class flights_load : public one_server {};

TEST_F(flights_load, records_every_movement_once_though_the_server_dies) {
  auto flights = samples::read_flights(QUIPU_FLIGHTS_CSV);
  ASSERT_TRUE(flights) << flights.error();
  flights->resize(4'000);
  int kills = 0;
  std::expected<samples::load_report, std::string> report;
  read_models models(home / "node");
  const auto kill_now_and_then = [&](std::size_t confirmed, std::span<const std::uint32_t>) {
    if (kills == 4 || confirmed < static_cast<std::size_t>(kills + 1) * 1'500) return;
    ++kills;
    server.kill();
    server.start();
  };
  {
    auto rt =
        runtime::open(samples::flights_domain(), {.directory = home / "node", .journal = proxied_url()});
    ASSERT_TRUE(rt) << rt.error().text;
    const auto tables = samples::live_tables::follow(models, *rt->journal());
    ASSERT_TRUE(tables) << tables.error();
    report = samples::load_flights(*rt, *flights, 0, kill_now_and_then);
    const auto there = tables->catch_up(std::chrono::seconds(60));
    ASSERT_TRUE(there) << there.error();
  }
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(kills, 4);
  EXPECT_EQ(report->recorded, 8'000U);
  EXPECT_EQ(report->repeats, 0U);

  auto rt = runtime::open(samples::flights_domain(), {.directory = home / "node", .journal = direct_url()});
  ASSERT_TRUE(rt) << rt.error().text;
  const auto states = samples::read_airports(*rt, *flights);
  ASSERT_TRUE(states) << states.error();
  EXPECT_EQ(samples::differences(*states, *flights), std::vector<std::string>{});
  const auto counted = samples::count_in_journal(*rt->journal(), *flights);
  ASSERT_TRUE(counted) << counted.error();
  EXPECT_EQ(counted->wrong, std::vector<std::string>{});
  EXPECT_EQ(counted->events, 8'000U);
  EXPECT_EQ(samples::differences(models, counted->sums).value(), std::vector<std::string>{});
}

}  // namespace
}  // namespace quipu::test
