// What a projector does on every journal. A backend's file instantiates this suite and adds nothing else.
#include "projector_fixture.hpp"

#include <atomic>
#include <thread>

namespace quipu::test {
namespace {

using samples::balances;
using samples::statement;

struct deposits {
  static constexpr std::string_view name = "deposits";
  using entities = quipu::types<samples::account>;
  using events = quipu::types<bank::DepositedT>;
  using sums = quipu::table<"sums", std::string, bank::BalanceRowT>;
  using tables = quipu::tables<sums>;
  static void on(const bank::DepositedT& e, const quipu::envelope& from, tables& t) {
    t.update<sums>(from.key, [&](auto& row) { row.amount += e.amount; });
  }
};

TEST_P(following, rows_are_the_fold_of_the_events) {
  auto follower = follow<balances>();
  writer_->append("ada", bank::OpenedT{.owner = "Ada"}, bank::DepositedT{.amount = 70});
  writer_->append("bob", bank::OpenedT{.owner = "Bob"});
  const auto last = writer_->append("ada", bank::WithdrawnT{.amount = 20});
  wait_for(*follower, last);
  EXPECT_EQ(balance("ada")->amount, 50);
  EXPECT_EQ(balance("bob")->owner, "Bob");
  EXPECT_FALSE(balance("eve"));
  const auto now = follower->status();
  EXPECT_EQ(now.state, projection_state::following);
  EXPECT_EQ(now.position, last);
  EXPECT_EQ(now.lag_events, 0U);
  EXPECT_EQ(now.backlog, backlog_word::ok);
  EXPECT_EQ(now.applied, 4U);
}

TEST_P(following, goes_on_where_it_stopped) {
  {
    const auto follower = follow<balances>();
    wait_for(*follower, writer_->append("ada", bank::OpenedT{.owner = "Ada"}, bank::DepositedT{.amount = 1}));
  }
  writer_->append_claim(0);
  const auto last = writer_->append("ada", bank::DepositedT{.amount = 2});
  models_ = std::make_unique<read_models>(directory_.path());
  const auto follower = follow<balances>();
  wait_for(*follower, last);
  EXPECT_EQ(balance("ada")->amount, 3);
  EXPECT_EQ(follower->status().applied, 1U);
  follower->stop();
  EXPECT_EQ(follower->status().state, projection_state::stopped);
  follower->start();
  wait_for(*follower, writer_->append("ada", bank::DepositedT{.amount = 3}));
  EXPECT_EQ(balance("ada")->amount, 6);
  EXPECT_EQ(follower->status().applied, 2U);
}

TEST_P(following, events_that_were_copied_to_later_positions_have_no_effect) {
  writer_->append("ada", bank::OpenedT{.owner = "Ada"});
  writer_->append_copy_of_last();
  writer_->append("ada", bank::DepositedT{.amount = 1}, bank::DepositedT{.amount = 2});
  writer_->append_copy_of_last();
  const auto follower = follow<balances>();
  wait_for(*follower, writer_->append_copy_of_last());
  EXPECT_EQ(balance("ada")->amount, 3);
  EXPECT_EQ(follower->status().applied, 3U);
  EXPECT_EQ(follower->status().duplicates, 5U);
}

TEST_P(following, a_whole_journal_that_was_copied_behind_itself_has_no_effect) {
  const auto early = follow<balances>();
  const auto early_lines = follow<statement>();
  position last;
  for (int i = 0; i < 20; ++i) {
    const auto key = "a" + std::to_string(i);
    writer_->append(key, bank::OpenedT{.owner = key}, bank::DepositedT{.amount = i});
    last = writer_->append(key, bank::WithdrawnT{.amount = 1});
  }
  wait_for(*early, last);
  wait_for(*early_lines, last);
  const auto sums = dump(*models_, projection_type_of<balances>());
  const auto lines = dump(*models_, projection_type_of<statement>());
  last = writer_->append_copy_of_all();
  wait_for(*early, last);
  wait_for(*early_lines, last);
  EXPECT_EQ(early->status().duplicates, 60U);
  EXPECT_EQ(dump(*models_, projection_type_of<balances>()), sums);
  EXPECT_EQ(dump(*models_, projection_type_of<statement>()), lines);
  // One that meets both in one go.
  const auto late = std::move(models_->rebuild<balances>(*journal_, quick()).value());
  wait_for(*late, last);
  EXPECT_EQ(late->status().applied, 60U);
  ASSERT_TRUE(models_->promote<balances>(late->generation(), {.patience = patience}));
  EXPECT_EQ(dump(*models_, projection_type_of<balances>()), sums);
  // What comes next takes effect.
  wait_for(*late, writer_->append("a1", bank::DepositedT{.amount = 100}));
  EXPECT_EQ(balance("a1")->amount, 100);
}

TEST_P(following, many_projections_each_at_its_own_pace) {
  const auto balances_follower = follow<balances>();
  auto slow = quick();
  slow.group_events = 1;
  const auto statement_follower = follow<statement>(slow);
  writer_->append("ada", bank::OpenedT{.owner = "Ada"});
  position last;
  for (int i = 1; i <= 50; ++i) last = writer_->append("ada", bank::DepositedT{.amount = i});
  wait_for(*balances_follower, last);
  wait_for(*statement_follower, last);
  EXPECT_EQ(balance("ada")->amount, 1275);
  EXPECT_EQ(dump(*models_, projection_type_of<statement>()).size(), 51U);
}

TEST_P(following, other_entities_and_unwanted_types_pass_by) {
  const auto follower = follow<deposits>();
  writer_->append("ada", bank::OpenedT{.owner = "Ada"}, bank::DepositedT{.amount = 1});
  const auto last = writer_->append(
      {{.key = "x", .events = {written_event::of(bank::DepositedT{.amount = 9})}, .category = "till"}});
  wait_for(*follower, last);
  EXPECT_EQ(dump(*models_, projection_type_of<deposits>()).size(), 1U);
  EXPECT_EQ(follower->status().applied, 1U);
  EXPECT_EQ(follower->status().passed, 2U);
}

TEST_P(following, an_unknown_event_of_a_known_entity_stops_it) {
  const auto follower = follow<balances>();
  const auto before = writer_->append("ada", bank::OpenedT{.owner = "Ada"});
  wait_for(*follower, before);
  auto event = written_event::of(bank::DepositedT{.amount = 1});
  event.type.name = "bank.Audited";
  writer_->append({{.key = "ada", .events = {event}}});
  const auto why = wait_for_failure(*follower);
  EXPECT_NE(why.find("account/ada@2"), std::string::npos) << why;
  EXPECT_NE(why.find("bank.Audited"), std::string::npos) << why;
  EXPECT_EQ(follower->status().position, before);
}

struct tolerant : samples::account {
  using samples::account::evolve;
  static void evolve(state&, const quipu::unknown_event&) {}
};
struct tolerant_deposits : deposits {
  static constexpr std::string_view name = "tolerant";
  using entities = quipu::types<tolerant>;
};

TEST_P(following, an_unknown_event_of_an_entity_that_takes_them_is_passed_by) {
  const auto follower = follow<tolerant_deposits>();
  auto event = written_event::of(bank::DepositedT{.amount = 1});
  event.type.name = "bank.Audited";
  wait_for(*follower, writer_->append({{.key = "ada", .events = {event}}}));
  EXPECT_EQ(follower->status().passed, 1U);
}

TEST_P(following, a_pause_survives_a_restart) {
  auto follower = follow<balances>();
  const auto before = writer_->append("ada", bank::OpenedT{.owner = "Ada"});
  wait_for(*follower, before);
  ASSERT_TRUE(follower->pause("month's end"));
  const auto after = writer_->append("ada", bank::DepositedT{.amount = 1});
  EXPECT_FALSE(follower->wait_for(after, 30ms));
  follower.reset();
  follower = follow<balances>();
  EXPECT_FALSE(follower->wait_for(after, 30ms));
  EXPECT_EQ(follower->status().state, projection_state::paused);
  EXPECT_EQ(follower->status().text, "month's end");
  EXPECT_EQ(follower->status().lag_events, 1U);
  EXPECT_EQ(balance("ada")->amount, 0);
  ASSERT_TRUE(follower->resume());
  wait_for(*follower, after);
  EXPECT_EQ(balance("ada")->amount, 1);
}

TEST_P(following, a_generation_is_rebuilt_beside_the_live_one_and_promoted_in_one_step) {
  const auto live = follow<balances>();
  writer_->append("ada", bank::OpenedT{.owner = "Ada"});
  wait_for(*live, writer_->append("ada", bank::DepositedT{.amount = 1}));
  // Reads without pause: what it sees never goes back, and is never empty.
  std::atomic<bool> done = false;
  std::int64_t seen = 1;
  std::string wrong;
  std::thread reader([&] {
    while (!done && wrong.empty()) {
      const auto row = balance("ada");
      if (!row || row->amount < seen)
        wrong = row ? "from " + std::to_string(seen) + " back to " + std::to_string(row->amount) : "nothing";
      else
        seen = row->amount;
    }
  });
  auto rebuilt = models_->rebuild<balances>(*journal_, quick());
  EXPECT_TRUE(rebuilt) << rebuilt.error().text;
  position last;
  for (int i = 0; i < 20; ++i) last = writer_->append("ada", bank::DepositedT{.amount = 1});
  EXPECT_EQ((*rebuilt)->generation(), 2U);
  EXPECT_EQ(models_->live("balances"), 1U);
  const auto promoted = models_->promote<balances>((*rebuilt)->generation(), {.patience = patience});
  EXPECT_TRUE(promoted) << promoted.error().text;
  EXPECT_EQ(models_->live("balances"), 2U);
  for (int i = 0; i < 20; ++i) last = writer_->append("ada", bank::DepositedT{.amount = 1});
  wait_for(**rebuilt, last);
  EXPECT_EQ(balance("ada")->amount, 41);
  done = true;
  reader.join();
  EXPECT_EQ(wrong, "");
  EXPECT_EQ(models_->generations("balances"), (std::vector<std::uint32_t>{1, 2}));
}

}  // namespace
}  // namespace quipu::test
