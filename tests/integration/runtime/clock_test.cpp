// A wall clock that the program replaces: what is stored follows it, what waits does not.
#include "runtime_fixture.hpp"

#include <quipu/journal/record.hpp>

#include <atomic>

namespace quipu::test {
namespace {

using time_point = std::chrono::sys_time<std::chrono::microseconds>;
constexpr time_point newyear{std::chrono::sys_days{std::chrono::year{2042} / 1 / 1}};

// Says what time it is.
struct sundial {
  static constexpr std::string_view category = "sundial";
  static constexpr int state_version = 1;
  using state = trial::CounterT;
  using commands = types<trial::AddT>;
  using events = types<trial::AddedT>;

  static decision<sundial, trial::TotalT> decide(absent, const trial::AddT& c, const context& about) {
    return decide(state{}, c, about);
  }
  static decision<sundial, trial::TotalT> decide(const state&, const trial::AddT&, const context& about) {
    return emit(trial::AddedT{.amount = about.time().time_since_epoch().count()}).reply([](const state& s) {
      return trial::TotalT{.value = s.total};
    });
  }
  static void evolve(state& s, const trial::AddedT& e) { s.total = e.amount; }
};

const domain& garden() {
  static const domain one{"garden", entities<sundial>};
  return one;
}

class replaced_clock : public testing::Test {
 protected:
  replaced_clock() {
    auto made = journal::open_or_create("memory:", {.partitions = 1});
    if (!made) throw std::runtime_error(made.error().text);
    journal_ = std::move(*made);
    set(newyear);
  }

  void set(time_point now) { now_ = now.time_since_epoch().count(); }
  runtime open() {
    options how;
    how.directory = directory_ / "node";
    how.threads = 2;
    how.clock = [this] { return time_point(std::chrono::microseconds(now_)); };
    auto opened = runtime::open(garden(), std::make_unique<shared_journal>(journal_, control_), how);
    if (!opened) throw std::runtime_error(opened.error().text);
    return std::move(*opened);
  }
  static time_point ask(runtime& node, const ask_options& how = {}) {
    return time_point(std::chrono::microseconds(value_of(node.ask<sundial>("a", trial::AddT{}, how).get())));
  }
  std::vector<time_point> commit_times() const {
    std::vector<time_point> times;
    auto cursor = journal_->read(0);
    for (auto next = cursor->next(); next && *next; next = cursor->next()) {
      const auto record = journal::record_view::decode((*next)->data);
      for (std::uint32_t i = 0; record && i < record->commit_count(); ++i)
        times.emplace_back(std::chrono::microseconds(record->commit_at(i).time_us));
    }
    return times;
  }

  temporary_directory directory_;
  std::shared_ptr<journal::journal> journal_;
  std::shared_ptr<shared_journal::switches> control_ = std::make_shared<shared_journal::switches>();
  std::atomic<std::int64_t> now_ = 0;
};

TEST_F(replaced_clock, gives_decisions_and_commits_their_time) {
  auto node = open();
  EXPECT_EQ(ask(node), newyear);
  set(newyear + 1h);
  EXPECT_EQ(ask(node), newyear + 1h);
  EXPECT_EQ(commit_times(), (std::vector{newyear, newyear + 1h}));
  const auto id = node.ask<sundial>("a", trial::AddT{}).get()->command;
  EXPECT_EQ(id.high >> 16U, static_cast<std::uint64_t>((newyear + 1h).time_since_epoch() / 1ms));
}

TEST_F(replaced_clock, may_go_back_without_harm) {
  std::optional<runtime> node(open());
  set(newyear + 1h);
  const auto id = runtime::new_command_id(newyear + 1h);
  EXPECT_EQ(ask(*node, {.command = id}), newyear + 1h);
  set(newyear - 24h);
  EXPECT_EQ(ask(*node), newyear + 1h) << "time stands still, and no deadline has passed";
  const auto again = node->ask<sundial>("a", trial::AddT{}, {.command = id}).get();
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_TRUE(again->repeat) << "an id of before is no id of the future";
  node.reset();
  node.emplace(open());
  EXPECT_EQ(ask(*node), newyear + 1h) << "nor does a new owner go back";
  set(newyear + 2h);
  EXPECT_EQ(ask(*node), newyear + 2h);
}

TEST_F(replaced_clock, leaves_the_ids_of_other_clocks_alone) {
  const auto replaced = runtime::new_command_id(newyear);
  EXPECT_LT(replaced, runtime::new_command_id(newyear)) << "ids grow on a thread";
  EXPECT_LT(replaced, runtime::new_command_id(newyear - 1s)) << "also when the clock is set back a little";
  const auto soon = std::chrono::system_clock::now() + 1min;
  EXPECT_LE(runtime::new_command_id().high >> 16U, static_cast<std::uint64_t>(soon.time_since_epoch() / 1ms));
}

TEST_F(replaced_clock, that_stands_still_delays_no_deadline) {
  auto node = open();
  EXPECT_EQ(ask(node), newyear);
  control_->stall();
  const auto late = node.ask<sundial>("a", trial::AddT{}, {.deadline = 50ms}).get();
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().kind, error_kind::unknown_outcome);
  control_->go_on();
}

TEST_F(replaced_clock, that_leaps_ends_no_deadline) {
  auto node = open();
  control_->stall();
  auto waiting = node.ask<sundial>("a", trial::AddT{}, {.deadline = 60s});
  set(newyear + 24h * 365);
  auto behind = node.ask<sundial>("a", trial::AddT{}, {.deadline = 60s});
  control_->go_on();
  EXPECT_TRUE(waiting.get().has_value());
  EXPECT_TRUE(behind.get().has_value());
}

}  // namespace
}  // namespace quipu::test
