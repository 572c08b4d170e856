// Three servers that are one: they elect, survive the loss of one, and stand still without a majority.
#include "support/nats_cluster.hpp"
#include "support/nats_wire.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace quipu::test;

namespace {

std::string publish(const nats_server& to, std::chrono::milliseconds limit = 10s) {
  return nats_request(to.port(), "s.1", "one", limit).value_or("no answer");
}

bool taken(const std::string& answer) { return answer.find("\"seq\"") != std::string::npos; }

/// One cluster for all: an election takes seconds.
class cluster : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!find_nats_build(nats_build::sid).program) return;
    three_ = new nats_cluster;
    auto made = nats_request(three_->member(0).port(), "$JS.API.STREAM.CREATE.S",
                             R"({"name":"S","subjects":["s.>"],"storage":"file","num_replicas":3})", 20s);
    if (!made || made->find("\"error\"") != std::string::npos)
      throw std::runtime_error("no stream: " + made.value_or("no answer") + three_->logs());
  }
  static void TearDownTestSuite() { delete std::exchange(three_, nullptr); }
  void SetUp() override { QUIPU_SKIP_WITHOUT_NATS(nats_build::sid); }

  static nats_cluster* three_;
};
nats_cluster* cluster::three_ = nullptr;

TEST_F(cluster, says_where_its_members_are) {
  const auto url = three_->url("bank");
  EXPECT_TRUE(
      url.starts_with("nats://127.0.0.1:" + std::to_string(three_->member(0).port()) + ",127.0.0.1:"));
  EXPECT_TRUE(url.ends_with(":" + std::to_string(three_->member(2).port()) + "/bank")) << url;
}

TEST_F(cluster, elects_another_leader_when_one_is_killed) {
  const auto first = three_->wait_for_leader_of("S");
  ASSERT_TRUE(taken(publish(three_->member((first + 1) % 3))));
  three_->member(first).kill();
  const auto second = three_->wait_for_leader_of("S");
  EXPECT_NE(second, first);
  EXPECT_TRUE(taken(publish(three_->member(second))));
  three_->member(first).start();
  three_->wait_until_ready();
  three_->wait_until_replicated("S");
}

TEST_F(cluster, does_nothing_without_a_majority_and_goes_on_with_one) {
  const auto leader = three_->wait_for_leader_of("S");
  const auto one = (leader + 1) % 3;
  const auto two = (leader + 2) % 3;
  three_->member(one).pause();
  three_->member(two).kill();
  EXPECT_FALSE(taken(publish(three_->member(leader), 1s)));
  three_->member(one).resume();
  three_->member(two).start();
  three_->wait_until_ready();
  three_->wait_until_replicated("S");
  EXPECT_TRUE(taken(publish(three_->member(three_->wait_for_leader_of("S")))));
}

}  // namespace
