// What is wished of a process that keeps the projection: done by it, or withdrawn, whoever dies in between.
#include "models_fixture.hpp"

#include <signal.h>

#include "support/waiting.hpp"

namespace quipu::test {
namespace {

class wishes : public models_fixture {
 protected:
  void SetUp() override {
    models_fixture::SetUp();
    write();
    follow_once();
  }
  std::filesystem::path box() const { return directory_ / "read-models/diary/1/wishes"; }
  bool wished() const { return std::filesystem::exists(box()) && !std::filesystem::is_empty(box()); }
  arguments retrying(const char* seconds) const {
    return {QUIPU_PROGRAM,
            "dead-letter",
            "retry",
            "diary",
            "account/ada@3",
            "--directory",
            directory_.path().string(),
            "--timeout",
            seconds};
  }
  std::uint64_t count() { return models_->dead_letter_count("diary").value(); }
  void expect_box_is_empty() {
    EXPECT_TRUE(wait_until([&] { return !std::filesystem::exists(box()); }))
        << "something is left of the wish";
  }
};

TEST_F(wishes, are_granted_by_the_process_that_keeps_it) {
  process keeper(keeping());
  keep(keeper);
  const auto by = "process " + std::to_string(keeper.id());
  const auto failed = letters({"retry", "diary", "account/ada@3", "--json"});
  EXPECT_EQ(failed.code, 1) << failed.err;
  EXPECT_EQ(objects(failed.out).at(0)["by"], by);
  EXPECT_EQ(objects(failed.out).at(0)["left"], 2);
  const auto behind = letters({"retry", "diary", "account/ada@4"});
  EXPECT_EQ(behind.code, 2);
  EXPECT_TRUE(has(behind.err, "comes behind account/ada@3")) << behind.err;
  const auto skipped = letters({"skip", "diary", "account/ada@3", "--reason", "two\nlines\n"});
  EXPECT_EQ(skipped.code, 0) << skipped.err;
  EXPECT_EQ(owner_and_amount("ada"), "Ada 12");
  EXPECT_EQ(models_->skipped("diary")->at(0).reason, "two\nlines\n");
  const auto none = letters({"retry", "diary", "--all", "--json"});
  EXPECT_EQ(objects(none.out).at(0)["applied"], 0);
  expect_box_is_empty();
}

TEST_F(wishes, are_granted_while_it_is_paused) {
  process keeper(keeping());
  keep(keeper);
  ASSERT_EQ(quipu({"projection", "pause", "diary", "--reason", "why"}).code, 0);
  buy_ink();
  const auto done = letters({"retry", "diary", "--entity", "account/ada"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(owner_and_amount("ada"), "Ada 25");
}

TEST_F(wishes, are_withdrawn_where_it_does_not_answer) {
  process keeper(keeping());
  keep(keeper);
  keeper.signal(SIGSTOP);
  buy_ink();
  const auto late = run(retrying("0.2"));
  EXPECT_EQ(late.code, 3);
  EXPECT_TRUE(has(late.err, "has not answered in time; what was wished is withdrawn")) << late.err;
  EXPECT_TRUE(has(late.err, "process " + std::to_string(keeper.id()))) << late.err;
  expect_box_is_empty();
  keeper.signal(SIGCONT);
  EXPECT_EQ(count(), 2U);
}

TEST_F(wishes, are_withdrawn_where_it_dies) {
  process keeper(keeping());
  keep(keeper);
  keeper.signal(SIGSTOP);
  process tool(retrying("60"));
  ASSERT_TRUE(wait_until([&] { return wished(); }));
  keeper.signal(SIGKILL);
  keeper.wait();
  const auto done = tool.wait();
  EXPECT_EQ(done.code, 3);
  EXPECT_TRUE(has(done.err, "ended; what was wished is withdrawn, nothing was done")) << done.err;
  expect_box_is_empty();
}

TEST_F(wishes, are_withdrawn_by_ctrl_c) {
  process keeper(keeping());
  keep(keeper);
  keeper.signal(SIGSTOP);
  process tool(retrying("60"));
  ASSERT_TRUE(wait_until([&] { return wished(); }));
  tool.signal(SIGINT);
  const auto done = tool.wait();
  EXPECT_EQ(done.signal, SIGINT);
  EXPECT_TRUE(has(done.err, "interrupted; what was wished is withdrawn")) << done.err;
  expect_box_is_empty();
}

TEST_F(wishes, of_a_process_that_was_killed_are_granted_by_the_next_keeper) {
  {
    process keeper(keeping());
    keep(keeper);
    keeper.signal(SIGSTOP);
    process tool(retrying("60"));
    ASSERT_TRUE(wait_until([&] { return wished(); }));
    tool.signal(SIGKILL);
    tool.wait();
    keeper.signal(SIGKILL);
    keeper.wait();
  }
  EXPECT_TRUE(wished()) << "nobody is left to withdraw it";
  buy_ink();
  process next(keeping());
  keep(next);
  EXPECT_TRUE(wait_until([&] { return count() == 0; }));
  EXPECT_EQ(owner_and_amount("ada"), "Ada 25");
}

TEST_F(wishes, over_which_a_keeper_died_are_granted_again) {
  std::filesystem::create_directory(box());
  std::ofstream(box() / "00000000000000000001-1.taken") << "retry\naccount/ada@3\n";
  std::ofstream(box() / "00000000000000000002-1.wish") << "what is\nthis";
  buy_ink();
  process keeper(keeping());
  keep(keeper);
  EXPECT_TRUE(wait_until([&] { return count() == 0; }));
  EXPECT_EQ(owner_and_amount("ada"), "Ada 25");
}

}  // namespace
}  // namespace quipu::test
