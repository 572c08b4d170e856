// `quipu projection status`, pause and resume, beside the process that keeps it.
#include "replay_fixture.hpp"

#include <signal.h>
#include <unistd.h>

namespace quipu::test {
namespace {

class watched : public replay_fixture {
 protected:
  void SetUp() override {
    open_embedded();
    fill(5);
  }
};

TEST_F(watched, says_who_keeps_it_and_how_far_it_is) {
  const auto keeper = follow<samples::balances>();
  wait_for(*keeper, last_);
  const auto said = status("balances");
  const auto live = said["generations"].at(0);
  EXPECT_EQ(said["live"], 1);
  EXPECT_EQ(live["state"], "kept");
  EXPECT_EQ(live["holder"], ::getpid());
  EXPECT_EQ(live["version"], 1);
  EXPECT_EQ(live["position"], "5:1");
  EXPECT_EQ(live["head"], 5);
  EXPECT_EQ(live["lag_events"], 0);
  EXPECT_EQ(live["backlog"], "ok");
  EXPECT_EQ(live["applied"], 10);
  EXPECT_EQ(live["dead_letters"], 0);
  const auto text = projection({"status"});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(has(text.out, "balances  version 1, generation 1, kept\n")) << text.out;
}

TEST_F(watched, says_how_far_behind_it_is) {
  follow_once();
  writer_->append("a0", bank::DepositedT{.amount = 1}, bank::DepositedT{.amount = 1});
  writer_->append("a0", bank::DepositedT{.amount = 1});
  const auto live = status("balances")["generations"].at(0);
  EXPECT_EQ(live["state"], "not kept");
  EXPECT_TRUE(live["holder"].is_null());
  EXPECT_EQ(live["lag_events"], 3);
  EXPECT_GT(live["lag_seconds"], 60);  // the journal's clock stands in 2023
  EXPECT_EQ(live["backlog"], "high");
}

TEST_F(watched, pauses_and_resumes_what_another_process_keeps) {
  const auto keeper = follow<samples::balances>();
  wait_for(*keeper, last_);
  ASSERT_EQ(projection({"pause", "balances", "--reason", "the disk is moved"}).code, 0);
  const auto live = status("balances")["generations"].at(0);
  EXPECT_EQ(live["state"], "paused");
  EXPECT_EQ(live["paused"], "the disk is moved");
  ASSERT_EQ(projection({"resume", "balances"}).code, 0);
  wait_for(*keeper, writer_->append("a0", bank::DepositedT{.amount = 1}));
  EXPECT_EQ(projection({"pause", "cash", "--reason", "why"}).code, 3);
}

TEST_F(watched, a_failure_needs_care_until_it_is_mended) {
  const auto keeper = follow<samples::balances>();
  auto strange = written_event::of(bank::OpenedT{});
  strange.type.name = "bank.Audited";
  writer_->append({{"a0", {strange}}});
  wait_for_failure(*keeper);
  const auto done = projection({"status"});
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(has(done.out, "bank.Audited")) << done.out;
  EXPECT_EQ(status("balances")["generations"].at(0)["state"], "failed");
}

TEST_F(watched, a_module_names_what_nobody_keeps_yet) {
  const auto empty = projection({"status"});
  EXPECT_EQ(empty.code, 3);
  const auto done = projection({"status", "--module", QUIPU_BANK_MODULE});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(done.out, "balances  no live generation\nstatement  no live generation\n");
}

TEST_F(watched, watching_ends_with_a_signal_and_knows_the_rate) {
  const auto keeper = follow<samples::balances>();
  wait_for(*keeper, last_);
  process watching(
      command({"projection", "status", "--watch", "--json", "--directory", directory_.path().string()}));
  const auto first = json::parse(watching.read_line().value());
  EXPECT_TRUE(first["generations"].at(0)["events_per_second"].is_null());
  fill(50);
  wait_for(*keeper, last_);
  json rate;
  while (rate.is_null() || rate == 0)
    rate = json::parse(watching.read_line().value())["generations"].at(0)["events_per_second"];
  EXPECT_GT(rate, 0);
  watching.signal(SIGTERM);
  EXPECT_EQ(watching.wait().signal, SIGTERM);
}

}  // namespace
}  // namespace quipu::test
