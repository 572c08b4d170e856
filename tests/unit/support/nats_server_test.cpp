// Real servers: they start, they crash, and come back to the same port with the same store.
#include "support/nats_server.hpp"

#include "support/nats_wire.hpp"
#include "support/tcp_proxy.hpp"

#include <gtest/gtest.h>

#include <fstream>

using namespace std::chrono_literals;
using namespace quipu::test;

namespace {

constexpr auto limit = 10s;

void make_stream(const nats_server& server) {
  auto made = nats_request(server.port(), "$JS.API.STREAM.CREATE.S",
                           R"({"name":"S","subjects":["s.>"],"storage":"file"})");
  ASSERT_TRUE(made && made->find("\"error\"") == std::string::npos) << made.value_or("no answer");
}

std::string state(const nats_server& server) {
  auto info = nats_request(server.port(), "$JS.API.STREAM.INFO.S", "").value_or("no answer");
  auto at = info.find("\"messages\":");
  return at == std::string::npos ? info : info.substr(at, info.find(',', at) - at);
}

class any_build : public testing::TestWithParam<nats_build> {
 protected:
  void SetUp() override { QUIPU_SKIP_WITHOUT_NATS(GetParam()); }
};

TEST_P(any_build, keeps_its_port_and_store_over_a_crash) {
  nats_server server({.build = GetParam()});
  EXPECT_FALSE(server.running());
  server.start();
  const auto port = server.port();
  make_stream(server);
  ASSERT_TRUE(nats_request(port, "s.1", "one"));
  server.kill();
  EXPECT_FALSE(server.running());
  EXPECT_FALSE(nats_request(port, "s.1", "into the void"));
  server.start();
  EXPECT_EQ(server.port(), port);
  EXPECT_EQ(state(server), "\"messages\":1") << server.log();
  server.restart();
  EXPECT_EQ(state(server), "\"messages\":1") << server.log();
}

TEST_P(any_build, is_empty_with_an_empty_store) {
  nats_server server({.build = GetParam()});
  server.start();
  make_stream(server);
  ASSERT_TRUE(nats_request(server.port(), "s.1", "one"));
  server.stop();
  ASSERT_EQ(server.blocks("S").size(), 1u);
  server.empty_store();
  server.start();
  EXPECT_NE(state(server).find("stream not found"), std::string::npos);
}

TEST_P(any_build, is_silent_while_it_is_paused) {
  nats_server server({.build = GetParam()});
  server.start();
  auto wire = nats_wire::connect(server.port(), time_limit(limit));
  ASSERT_TRUE(wire);
  server.pause();
  EXPECT_FALSE(wire->request("$JS.API.INFO", "", time_limit(100ms)));
  server.resume();
  EXPECT_TRUE(wire->request("$JS.API.INFO", "", time_limit(limit)));
}

TEST_P(any_build, is_monitored) {
  nats_server server({.build = GetParam(), .name = "quipu-test"});
  server.start();
  EXPECT_NE(server.monitor("/varz").value_or("").find("quipu-test"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(nats_server, any_build,
                         testing::Values(nats_build::bookworm, nats_build::trixie, nats_build::sid),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

class newer_build : public any_build {};

TEST_P(newer_build, can_flush_before_it_acks) {
  nats_server server({.build = GetParam(), .sync_always = true});
  server.start();
  EXPECT_NE(server.monitor("/jsz").value_or("").find("\"sync_always\": true"), std::string::npos)
      << server.monitor("/jsz").value_or("nothing");
}

INSTANTIATE_TEST_SUITE_P(nats_server, newer_build, testing::Values(nats_build::trixie, nats_build::sid),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST(nats_server, says_why_it_did_not_start) {
  QUIPU_SKIP_WITHOUT_NATS(nats_build::installed);
  nats_server server({.extra = "no_such_setting: 1"});
  try {
    server.start();
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("no_such_setting"), std::string::npos) << error.what();
  }
}

TEST(nats_server, refuses_what_is_too_much_for_it) {
  QUIPU_SKIP_WITHOUT_NATS(nats_build::installed);
  nats_server server({.max_payload = 1000, .max_file_store = 4000});
  server.start();
  make_stream(server);
  EXPECT_FALSE(nats_request(server.port(), "s.1", std::string(1001, 'x')));
  std::string answer;
  for (int i = 0; i < 10 && answer.find("\"error\"") == std::string::npos; ++i)
    answer = nats_request(server.port(), "s.1", std::string(900, 'x')).value_or("no answer");
  EXPECT_NE(answer.find("insufficient"), std::string::npos) << answer;  // 10023 or 10047, by version
}

TEST(nats_server, has_a_store_that_its_owner_keeps) {
  QUIPU_SKIP_WITHOUT_NATS(nats_build::installed);
  temporary_directory kept;
  {
    nats_server server({.store = kept.path()});
    server.start();
    make_stream(server);
    server.stop();
  }
  nats_server other({.store = kept.path()});
  other.start();
  EXPECT_EQ(state(other), "\"messages\":0");
}

// The ack is lost, the message is not: what the port's tests do at every point of an append.
TEST(nats_server, behind_the_proxy_can_take_what_it_cannot_answer) {
  QUIPU_SKIP_WITHOUT_NATS(nats_build::installed);
  nats_server server;
  server.start();
  make_stream(server);
  tcp_proxy proxy(server.port());
  auto wire = nats_wire::connect(proxy.port(), time_limit(limit));
  ASSERT_TRUE(wire);
  ASSERT_TRUE(wire->request("$JS.API.INFO", "", time_limit(limit)));
  auto seen =
      proxy.when(direction::to_server, "PUB s.1", [&] { proxy.set(direction::to_client, flow::hold); });
  EXPECT_FALSE(wire->request("s.1", "one", time_limit(300ms)));
  ASSERT_EQ(seen.wait_for(limit), std::future_status::ready);
  EXPECT_TRUE(proxy.wait_for_held(direction::to_client, 1));
  EXPECT_EQ(state(server), "\"messages\":1");
  proxy.cut();
  proxy.heal();
  EXPECT_FALSE(wire->request("s.1", "two", time_limit(limit)));
  EXPECT_EQ(state(server), "\"messages\":1");
}

}  // namespace
