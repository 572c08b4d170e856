// What `quipu replay` does, and what it refuses.
#include "replay_fixture.hpp"

#include <signal.h>

#include <filesystem>

namespace quipu::test {
namespace {

class replayed : public replay_fixture {
 protected:
  void SetUp() override {
    open_embedded();
    fill(20);
  }
  std::vector<std::uint32_t> generations(const std::string& name) {
    return models_->generations(name).value();
  }
  std::uint32_t live(const std::string& name) { return models_->live(name).value(); }
};

TEST_F(replayed, makes_all_in_one_pass_and_promotes_them) {
  follow_once();
  const auto done = replay({"--all", "--promote", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto said = objects(done.out);
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0]["projection"], "balances");
  EXPECT_EQ(said[0]["generation"], 2);
  EXPECT_EQ(said[0]["promoted"], true);
  EXPECT_EQ(said[0]["applied"], 40);
  EXPECT_EQ(said[0]["rows"], (json{{"accounts", 20}}));
  EXPECT_EQ(said[1]["rows"], (json{{"lines", 40}}));
  EXPECT_EQ(live("balances"), 2U);
  expect_rows_of_an_undisturbed_run();
}

TEST_F(replayed, the_first_one_of_a_projection_too) {
  ASSERT_EQ(replay({"--projection", "balances", "--promote"}).code, 0);
  EXPECT_EQ(live("balances"), 1U);
  EXPECT_EQ(balance("a4")->amount, 5);
}

TEST_F(replayed, without_promote_readers_see_the_old_one) {
  follow_once();
  ASSERT_EQ(replay({"--projection", "balances"}).code, 0);
  EXPECT_EQ(live("balances"), 1U);
  EXPECT_EQ(generations("balances"), (std::vector<std::uint32_t>{1, 2}));
  // The same command goes on with it, and can promote it.
  last_ = writer_->append("a0", bank::DepositedT{.amount = 100});
  const auto done = replay({"--projection", "balances", "--promote", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(objects(done.out)[0]["generation"], 2);
  EXPECT_EQ(objects(done.out)[0]["resumed"], true);
  EXPECT_EQ(balance("a0")->amount, 101);
}

TEST_F(replayed, fresh_begins_anew_and_drops_the_unfinished_one) {
  follow_once();
  ASSERT_EQ(replay({"--projection", "balances", "--to", "5"}).code, 0);
  const auto done = replay({"--projection", "balances", "--fresh", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(objects(done.out)[0]["resumed"], false);
  EXPECT_EQ(generations("balances"), (std::vector<std::uint32_t>{1, 3}));
}

TEST_F(replayed, a_dry_run_touches_nothing) {
  const auto done = replay({"--all", "--dry-run", "--to", "10", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(objects(done.out)[0]["rows"], (json{{"accounts", 10}}));
  EXPECT_TRUE(objects(done.out)[0]["generation"].is_null());
  EXPECT_FALSE(std::filesystem::exists(directory_ / "read-models"));
  const auto part = replay({"--projection", "statement", "--dry-run", "--from", "11", "--json"});
  ASSERT_EQ(part.code, 0) << part.err;
  EXPECT_EQ(objects(part.out)[0]["rows"], (json{{"lines", 20}}));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "read-models"));
}

TEST_F(replayed, diff_is_quiet_where_rows_are_the_same) {
  follow_once();
  const auto done = replay({"--all", "--diff", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(objects(done.out)[0]["diff"]["same"], 20);
  EXPECT_EQ(objects(done.out)[1]["diff"]["same"], 40);
}

/// balances with the interest of another program, under the same name, version and shape.
struct wrong_balances {
  static constexpr std::string_view name = "balances";
  static constexpr int version = 1;
  using entities = quipu::types<samples::account>;
  using events = samples::balances::events;
  using accounts = samples::balances::accounts;
  using tables = samples::balances::tables;
  static void on(const bank::OpenedT& e, const quipu::envelope& from, tables& t) {
    if (from.key != "a1") t.put<accounts>(from.key, {.owner = e.owner});
    if (from.key == "a3") t.put<accounts>("zz", {.owner = e.owner});
  }
  static void on(const bank::DepositedT& e, const quipu::envelope& from, tables& t) {
    if (from.key == "a1") return;
    t.update<accounts>(from.key, [&](auto& row) { row.amount += from.key == "a2" ? 1000 : e.amount; });
  }
  static void on(const auto&, const quipu::envelope&, tables&) {}
};

TEST_F(replayed, diff_shows_the_first_differences_and_counts_all) {
  {
    const auto wrong = follow<wrong_balances>();
    wait_for(*wrong, last_);
    writer_->append(
        "a5",
        bank::DepositedT{.amount = 1});  // the live one goes on, or not: rows are compared at one position
  }
  const auto done = replay({"--projection", "balances", "--diff", "--promote", "--json"});
  EXPECT_EQ(done.code, 1) << done.err;
  EXPECT_TRUE(has(done.err, "not promoted")) << done.err;
  EXPECT_EQ(live("balances"), 1U);
  const auto diff = objects(done.out)[0]["diff"];
  EXPECT_EQ(diff["same"], 18);
  EXPECT_EQ(diff["different"], 1);
  EXPECT_EQ(diff["only_here"], 1);
  EXPECT_EQ(diff["only_there"], 1);
  EXPECT_EQ(diff["first"].at(0), (json{{"table", "accounts"},
                                       {"key", "a1"},
                                       {"here", {{"owner", "o1"}, {"amount", 2}}},
                                       {"there", nullptr}}));
  const auto text = replay({"--projection", "balances", "--diff", "--dry-run"});
  EXPECT_EQ(text.code, 1);
  EXPECT_TRUE(has(
      text.out,
      "  accounts a2\n    - {\"owner\": \"o2\",\"amount\": 1000}\n    + {\"owner\": \"o2\",\"amount\": 3}\n"))
      << text.out;
}

TEST_F(replayed, keep_says_how_many_old_ones_stay) {
  follow_once();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(replay({"--all", "--promote", "--keep", "2"}).code, 0);
  EXPECT_EQ(generations("balances"), (std::vector<std::uint32_t>{2, 3, 4}));
  ASSERT_EQ(replay({"--all", "--promote", "--keep", "0"}).code, 0);
  EXPECT_EQ(generations("balances"), (std::vector<std::uint32_t>{5}));
}

TEST_F(replayed, what_somebody_keeps_or_reads_is_not_removed) {
  const auto keeper = follow<samples::balances>();
  wait_for(*keeper, last_);
  keeper->stop();  // it holds what it has; running it would go over to the new one
  const auto kept = replay({"--projection", "balances", "--promote", "--keep", "0"});
  EXPECT_EQ(kept.code, 0);
  EXPECT_TRUE(has(kept.err, "generation 1 of balances stays")) << kept.err;
  const auto reader = models_->look_at(*both[0]).value();  // of generation 2
  const auto read = replay({"--projection", "balances", "--promote", "--keep", "0"});
  EXPECT_EQ(read.code, 0);
  EXPECT_TRUE(has(read.err, "generation 2 of balances stays")) << read.err;
  EXPECT_TRUE(has(read.err, "is being read by process " + std::to_string(::getpid()))) << read.err;
  EXPECT_TRUE(reader->get(0, "a3"));
}

TEST_F(replayed, an_old_generation_catches_up_and_comes_back) {
  follow_once();
  ASSERT_EQ(replay({"--projection", "balances", "--promote"}).code, 0);
  last_ = writer_->append("a0", bank::DepositedT{.amount = 100});
  const arguments back{"promote", "balances", "--generation", "1"};
  const auto alone = projection(back);
  EXPECT_EQ(alone.code, 2);
  EXPECT_TRUE(has(alone.err, "--backward")) << alone.err;
  auto with = back;
  with.insert(with.end(), {"--module", QUIPU_BANK_MODULE, "--journal", url_});
  const auto done = projection(with);
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(live("balances"), 1U);
  EXPECT_EQ(balance("a0")->amount, 101);
  // What was live once is no unfinished rebuild.
  const auto next = replay({"--projection", "balances", "--json"});
  EXPECT_EQ(objects(next.out)[0]["generation"], 3);

  const auto none = projection({"promote", "balances", "--generation", "9", "--backward"});
  EXPECT_EQ(none.code, 3);
  EXPECT_TRUE(has(none.err, "there are: 1, 2, 3")) << none.err;
  ASSERT_EQ(projection({"promote", "balances", "--generation", "2", "--backward"}).code, 0);
  EXPECT_EQ(live("balances"), 2U);
  EXPECT_EQ(balance("a0")->amount, 1);
}

TEST_F(replayed, ctrl_c_ends_cleanly_and_the_next_run_goes_on) {
  follow_once();
  process work(replaying({"--all", "--progress", "--json", "--transaction", "1"}));
  ASSERT_TRUE(work.read_line());  // it is under way
  work.signal(SIGINT);
  const auto ended = work.wait();
  if (has(ended.err, "interrupted")) {
    EXPECT_EQ(ended.signal, SIGINT);
    EXPECT_TRUE(has(ended.err, "the same command goes on")) << ended.err;
  } else {  // it was done before
    EXPECT_TRUE(has(ended.out, "\"statement\"")) << ended.out << ended.err;
  }
  const auto done = replay({"--all", "--promote", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(objects(done.out)[0]["generation"], 2);
  EXPECT_EQ(objects(done.out)[0]["resumed"], true);
  EXPECT_EQ(objects(done.out)[0]["applied"], 40);
  expect_rows_of_an_undisturbed_run();
}

TEST_F(replayed, two_at_once_do_not_meet) {
  const auto other = models_->rebuild<samples::balances>(*journal_).value();
  const auto done = replay({"--projection", "balances"});
  EXPECT_EQ(done.code, 3);
  EXPECT_TRUE(has(done.err, "is being rebuilt already, as generation 1")) << done.err;
  EXPECT_TRUE(has(done.err, std::to_string(::getpid()))) << done.err;
  EXPECT_EQ(replay({"--projection", "balances", "--fresh"}).code, 3);
  EXPECT_EQ(generations("balances"), (std::vector<std::uint32_t>{1}));
}

TEST_F(replayed, dead_letters_are_told_and_not_promoted_unless_asked) {
  follow_once();
  writer_->append("a0", bank::OpenedT{.owner = std::string(600, 'x')});  // longer than a key may be
  const auto done = replay({"--projection", "balances", "--promote", "--json"});
  EXPECT_EQ(done.code, 1) << done.err;
  const auto said = objects(done.out)[0];
  EXPECT_EQ(said["dead_letters"], 1);
  EXPECT_TRUE(has(said["letters"][0]["error"].get<std::string>(), " bytes")) << said;
  EXPECT_EQ(said["promoted"], false);
  EXPECT_EQ(live("balances"), 1U);
  EXPECT_EQ(replay({"--projection", "balances", "--promote", "--despite-dead-letters"}).code, 0);
  EXPECT_EQ(live("balances"), 2U);
  const auto shown = projection({"status"});
  EXPECT_EQ(shown.code, 1);
}

TEST_F(replayed, an_event_that_the_module_does_not_know_stops_it) {
  auto strange = written_event::of(bank::OpenedT{});
  strange.type.name = "bank.Audited";
  writer_->append({{"a0", {strange}}});
  const auto done = replay({"--projection", "balances"});
  EXPECT_EQ(done.code, 3);
  EXPECT_TRUE(has(done.err, "bank.Audited")) << done.err;
  EXPECT_TRUE(has(done.err, "goes on from there")) << done.err;
}

TEST_F(replayed, wrong_usage_is_told) {
  struct wrong {
    arguments given;
    std::string says;
  };
  for (const auto& [given, says] : std::vector<wrong>{
           {{}, "there are: balances, statement"},
           {{"--projection", "cash"}, "there is no projection cash in the module; there are: balances"},
           {{"--all", "--from", "3"}, "--from is for a dry run"},
           {{"--all", "--dry-run", "--promote"}, "--dry-run and --promote"},
           {{"--all", "--to", "3", "--promote"}, "--to and --promote"},
           {{"--all", "--to", "3:x"}, "--to 3:x"},
           {{"--all", "--to", "4711"}, "the journal ends with record 20"},
           {{"--all", "--projection", "balances"}, "--all"},
           {{"--all", "--transaction", "0"}, "--transaction"}}) {
    const auto done = replay(given);
    EXPECT_EQ(done.code, 2) << says << done.err;
    EXPECT_TRUE(has(done.err, says)) << done.err;
    EXPECT_EQ(done.out, "");
  }
  EXPECT_FALSE(std::filesystem::exists(directory_ / "read-models"));
  const auto nowhere = run(command({"replay", "--module", QUIPU_BANK_MODULE, "--all", "--directory",
                                    directory_.path().string(), "lmdb:" + (directory_ / "none").string()}));
  EXPECT_EQ(nowhere.code, 3);
}

}  // namespace
}  // namespace quipu::test
