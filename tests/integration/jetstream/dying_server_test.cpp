// The server's process dies, stands still, is restarted. QUIPU_SERVER_KILLS says how often it is killed (20).
#include "one_server.hpp"

#include <csignal>

namespace quipu::test {
namespace {

class dying_server : public one_server {
 protected:
  /// Kills the server under load: at any time, while a record goes out, or while an acknowledgement comes back.
  void kill_at_some_moment() {
    const auto kill_it = [pid = server.pid()] { ::kill(pid, SIGKILL); };
    switch (between(random, 0, 2)) {
      case 0:
        ASSERT_TRUE(record.wait_for_accepted(between(random, 1, 400)));
        kill_it();
        break;
      case 1:
        at(direction::to_server, publish_on_wire, kill_it);
        break;
      default:
        at(direction::to_client, ack_on_wire, kill_it);
    }
    server.kill();
  }
};

TEST_F(dying_server, killed_under_load_many_times) {
  auto bank = open();
  bank_load load(bank, record, random, {});
  load.start();
  const auto kills = number_from_environment("QUIPU_SERVER_KILLS", 20);
  for (std::uint64_t i = 0; i < kills && !HasFailure(); ++i) {
    ASSERT_TRUE(record.wait_for_accepted(between(random, 1, 400)));
    kill_at_some_moment();
    server.start();
    expect_recovery("SIGKILL and restart");
  }
  expect_truth(load);
}

TEST_F(dying_server, stands_still_for_longer_than_every_deadline) {
  auto bank = open();
  bank_load load(bank, record, random, {.deadline = 7s});  // longer than an append's, longer than the pings'
  load.start();
  ASSERT_TRUE(record.wait_for_accepted(200));
  server.pause();
  EXPECT_TRUE(record.wait_for_failed(error_kind::unknown_outcome, 1));
  server.resume();
  expect_recovery("SIGCONT");
  ASSERT_TRUE(record.wait_for_accepted(200));
  expect_truth(load);
}

TEST_F(dying_server, stands_still_for_a_moment) {
  auto bank = open();
  bank_load load(bank, record, random, {.deadline = 1s});
  load.start();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(record.wait_for_accepted(200));
    server.pause();
    EXPECT_TRUE(
        record.wait_for_failed(error_kind::unknown_outcome, record.failed(error_kind::unknown_outcome) + 1));
    server.resume();
    expect_recovery("SIGCONT");
  }
  expect_truth(load);
}

TEST_F(dying_server, restarted_with_its_store_intact) {
  auto bank = open();
  bank_load load(bank, record, random, {});
  load.start();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(record.wait_for_accepted(200));
    server.restart();
    expect_recovery("an operator's restart");
  }
  expect_truth(load);
}

// Nobody is there for longer than callers wait: they are told that the outcome is unknown, or that it was not done, and
// the next opening of the same bank tells which.
TEST_F(dying_server, away_while_the_runtime_is_closed) {
  auto how = how_to_open(proxied_url());
  how.settle_within = 2s;
  {
    auto bank = open(how);
    bank_load load(bank, record, random, {.deadline = 2s, .ask_again = false});
    load.start();
    ASSERT_TRUE(record.wait_for_accepted(200));
    server.kill();
    EXPECT_TRUE(record.wait_for_failed(error_kind::unknown_outcome, 1));
    bank.close(500ms);
    load.finish();
  }
  server.start();
  auto bank = open(how);
  bank_load load(bank, record, random, {});
  load.start();
  expect_recovery("a restart and a new opening");
  expect_truth(load);
}

}  // namespace
}  // namespace quipu::test
