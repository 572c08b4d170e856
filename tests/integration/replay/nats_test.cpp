// The same on a real server.
#include "replay_fixture.hpp"
#include "support/nats_server.hpp"

namespace quipu::test {
namespace {

class replayed_from_nats : public replay_fixture {
 protected:
  void SetUp() override {
    if (auto found = find_nats_build(nats_build::installed); !found.program) GTEST_SKIP() << found.reason;
    server_.start();
    open(server_.url("bank"));
    fill(30);
    follow_once();
  }
  nats_server server_;
};

TEST_F(replayed_from_nats, rebuilt_compared_and_promoted) {
  const auto compared = replay({"--all", "--diff", "--json"});
  ASSERT_EQ(compared.code, 0) << compared.err;
  EXPECT_EQ(objects(compared.out)[1]["diff"]["same"], 60);
  last_ = writer_->append("a0", bank::DepositedT{.amount = 100});
  const auto done = replay({"--all", "--promote", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(objects(done.out)[0]["resumed"], true);
  EXPECT_EQ(balance("a0")->amount, 101);
  expect_rows_of_an_undisturbed_run();
  EXPECT_EQ(status("balances")["generations"].at(1)["lag_events"], 0);
}

TEST_F(replayed_from_nats, a_rebuild_that_was_killed_goes_on) {
  process work(replaying({"--all", "--transaction", "1", "--progress", "--json"}));
  ASSERT_TRUE(work.read_line());
  work.signal(SIGKILL);
  work.wait();
  const auto done = replay({"--all", "--promote"});
  ASSERT_EQ(done.code, 0) << done.err;
  expect_rows_of_an_undisturbed_run();
}

}  // namespace
}  // namespace quipu::test
