// The server can't take what it took before: its store is full, or its limit of a message was lowered.
#include "one_server.hpp"

namespace quipu::test {
namespace {

class full_store : public one_server, public testing::WithParamInterface<nats_build> {
 protected:
  full_store() : one_server({.build = GetParam(), .max_file_store = 2 * 1024 * 1024}) {}
};

TEST_P(full_store, refuses_with_the_reason_and_goes_on_when_there_is_room) {
  auto bank = open();
  bank_load load(bank, record, random, {.deadline = 8s});
  load.start();
  EXPECT_TRUE(record.wait_for_failed(error_kind::refused, 20)) << record.figures();
  std::printf("refused: %s\n", record.text_of_failure(error_kind::refused).c_str());
  EXPECT_NE(record.text_of_failure(error_kind::refused).find("resources"), std::string::npos)
      << record.text_of_failure(error_kind::refused);
  server.settings().max_file_store = 1024 * 1024 * 1024;
  server.restart();
  expect_recovery("room in the store");
  ASSERT_TRUE(record.wait_for_accepted(200));
  expect_truth(load);
}

INSTANTIATE_TEST_SUITE_P(on, full_store, testing::Values(nats_build::installed, nats_build::trixie),
                         [](const auto& of) { return std::string(to_string(of.param)); });

class lower_limit : public one_server {
 protected:
  bank_command large(std::int64_t bytes) {
    return {.id = runtime::new_command_id(), .account = next_++, .verb = bank_verb::open, .amount = bytes};
  }

 private:
  std::uint32_t next_ = 1'000;  // beyond the load's
};

TEST_F(lower_limit, stops_what_is_too_large_and_nothing_else) {
  auto bank = open();
  bank_load load(bank, record, random, {});
  load.start();
  ASSERT_TRUE(record.wait_for_accepted(100));
  load.send(large(200'000));
  // One more is on its way when the server dies: nobody knows whether it was stored, until it is refused.
  server.pause();
  load.send(large(300'000));
  ASSERT_TRUE(wait_until([&] { return bank.status().queued_commands > 0; }));
  server.kill();
  server.settings().max_payload = 64 * 1024;
  server.start();
  expect_recovery("a restart with a smaller max_payload");
  load.send(large(200'000));
  ASSERT_TRUE(record.wait_for_failed(error_kind::refused, 1));
  EXPECT_NE(record.text_of_failure(error_kind::refused).find("max_payload"), std::string::npos)
      << record.text_of_failure(error_kind::refused);
  ASSERT_TRUE(record.wait_for_accepted(200));
  server.settings().max_payload.reset();
  server.restart();
  expect_recovery("a restart with the old max_payload");
  const auto before = record.failed(error_kind::refused);
  load.send(large(200'000));
  ASSERT_TRUE(record.wait_for_accepted(200));
  expect_truth(load);
  EXPECT_EQ(record.failed(error_kind::refused), before);
}

}  // namespace
}  // namespace quipu::test
