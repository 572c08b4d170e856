// Making a journal where something is already, and where nothing can be.
#include "stream_fixture.hpp"

namespace quipu::test {
namespace {

using journal::failure_kind;

class creation_on : public streams_of {};

TEST_P(creation_on, takes_a_sound_stream_that_was_made_by_hand) {
  ASSERT_EQ(make(sound("bank", {{"description", "made by an operator"}})), std::nullopt);
  EXPECT_EQ(journal::open(url()).error().kind, failure_kind::not_found);
  const auto created = journal::create(url(), {.partitions = 3});
  ASSERT_TRUE(created) << created.error().text;
  EXPECT_EQ(journal::open(url()).value()->about().partitions, 3U);
}

TEST_P(creation_on, goes_on_where_it_was_interrupted) {
  ASSERT_EQ(make(sound("bank")), std::nullopt);
  const auto opened = journal::open(url());
  ASSERT_FALSE(opened);
  EXPECT_TRUE(has(opened.error().text, "Create the journal again")) << opened.error().text;
  EXPECT_TRUE(journal::open_or_create(url(), {}));
  EXPECT_EQ(journal::create(url(), {}).error().kind, failure_kind::exists);
}

TEST_P(creation_on, over_a_foreign_stream_is_refused) {
  ASSERT_EQ(make({{"name", "bank"}, {"subjects", {"orders.*"}}, {"storage", "file"}}), std::nullopt);
  const auto created = journal::open_or_create(url(), {});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, failure_kind::refused) << created.error().text;
  EXPECT_TRUE(has(created.error().text, "its subjects are [\"orders.*\"]")) << created.error().text;
  EXPECT_EQ(ask("STREAM.INFO.bank", nullptr)["config"]["subjects"], json({"orders.*"})) << "left as it was";
}

TEST_P(creation_on, over_subjects_of_another_stream_is_refused) {
  ASSERT_EQ(make({{"name", "everything"}, {"subjects", {"bank.>"}}, {"storage", "file"}}), std::nullopt);
  const auto created = journal::create(url(), {});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, failure_kind::refused) << created.error().text;
  EXPECT_TRUE(has(created.error().text, "overlap")) << created.error().text;
}

TEST_P(creation_on, of_replicas_on_one_server_is_refused) {
  const auto created = journal::create(url(), {.replicas = 3});
  ASSERT_FALSE(created);
  EXPECT_TRUE(created.error().kind == failure_kind::refused) << created.error().text;
}

TEST_P(creation_on, of_records_that_the_server_would_not_take_is_refused) {
  server_->stop();
  server_->settings().max_payload = 100'000;
  server_->start();
  const auto created = journal::create(url(), {});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, failure_kind::refused);
  EXPECT_TRUE(has(created.error().text, "max_payload")) << created.error().text;
  EXPECT_TRUE(journal::create(url(), {.max_record_bytes = 64 * 1024}));
}

TEST_P(creation_on, for_an_account_without_jetstream_is_a_clear_error) {
  server_->stop();
  server_->settings().extra =
      "accounts { PLAIN: { users: [ { user: ann, password: secret } ] } }\nno_auth_user: ann";
  server_->start();
  const auto created = journal::open_or_create(url(), {});
  ASSERT_FALSE(created);
  EXPECT_TRUE(has(created.error().text, url())) << created.error().text;
  EXPECT_TRUE(has(created.error().text, "nats-server -js")) << created.error().text;
}

TEST_P(creation_on, on_a_server_without_jetstream_is_a_clear_error) {
  const reserved_port port;
  temporary_directory directory;
  tied_process server(
      {require_nats_build(GetParam()), "-a", "127.0.0.1", "-p", std::to_string(port.number())},
      directory / "log");
  const time_limit until(std::chrono::seconds(30));
  for (std::optional<std::string> info; !info && !until.over();)
    if (auto connection = loopback_connection::open(port.number(), until))
      info = connection->read_line(until);
  const auto place = "nats://127.0.0.1:" + std::to_string(port.number()) + "/bank";
  const auto created = journal::open_or_create(place, {});
  ASSERT_FALSE(created);
  EXPECT_TRUE(has(created.error().text, place)) << created.error().text;
  EXPECT_TRUE(has(created.error().text, "nats-server -js")) << created.error().text;
}

INSTANTIATE_TEST_SUITE_P(servers, creation_on,
                         testing::Values(nats_build::installed, nats_build::trixie, nats_build::sid),
                         name_of);

class durability_on : public testing::Test {
 protected:
  static std::string told_by(nats_build build, bool sync_always) {
    nats_server server({.build = build, .sync_always = sync_always});
    server.start();
    const auto url = server.url("bank");
    auto opened =
        journal::open_or_create(url + "?monitor=127.0.0.1:" + std::to_string(server.monitoring_port()), {});
    return opened ? (*opened)->summarize().value().durability : opened.error().text;
  }
};

TEST_F(durability_on, what_2_10_is_set_to_is_asked_and_told) {
  QUIPU_SKIP_WITHOUT_NATS(nats_build::trixie);
  EXPECT_EQ(told_by(nats_build::trixie, true),
            "one server; it flushes before it acknowledges (sync_interval: always)");
  EXPECT_TRUE(has(told_by(nats_build::trixie, false), "flushes 2 min after it acknowledged"))
      << told_by(nats_build::trixie, false);
}

TEST_F(durability_on, what_older_servers_do_is_known) {
  QUIPU_SKIP_WITHOUT_NATS(nats_build::bookworm);
  EXPECT_TRUE(has(told_by(nats_build::bookworm, false), "flushes 2 min after it acknowledged"));
}

}  // namespace
}  // namespace quipu::test
