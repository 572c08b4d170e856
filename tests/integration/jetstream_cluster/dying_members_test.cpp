#include "cluster_bank.hpp"

namespace quipu::test {
namespace {

using namespace std::chrono_literals;

class dying_members : public cluster_bank {};

// The fault is over as soon as it is there: two of three go on without the third.
TEST_F(dying_members, the_streams_leader_again_and_again) {
  start_load();
  for (int turn = 1; turn <= 3; ++turn) {
    const auto killed = leader();
    cluster_->member(killed).kill();
    expect_recovery("the leader's death, " + std::to_string(turn));
    if (HasFatalFailure()) return;
    EXPECT_NE(leader(), killed);
    bring_back(killed);
  }
  expect_true_books();
}

TEST_F(dying_members, a_minority) {
  start_load();
  const auto killed = others(leader()).front();
  cluster_->member(killed).kill();
  expect_recovery("a follower's death");
  bring_back(killed);
  expect_recovery("its return");
  expect_true_books();
}

TEST_F(dying_members, the_one_that_the_runtime_is_connected_to) {
  start_load();
  move_leader(false);
  const auto killed = connected_to();
  cluster_->member(killed).kill();
  expect_recovery("the death of a follower that the runtime was connected to");
  EXPECT_NE(connected_to(), killed);
  bring_back(killed);
  expect_true_books();
}

TEST_F(dying_members, a_majority_that_comes_back) {
  start_load({.deadline = 2s});
  const auto dead = others(others(leader()).front());  // the leader is one of them
  for (const auto one : dead) cluster_->member(one).kill();

  // What was acknowledged before has long been told when whoever was under way learns that nobody knows.
  ASSERT_TRUE(record_.wait_for_failed(error_kind::unknown_outcome, 32, patience)) << record_.figures();
  const auto accepted = record_.accepted();
  const auto unknown = record_.failed(error_kind::unknown_outcome);
  ASSERT_TRUE(record_.wait_for_failed(error_kind::unknown_outcome, unknown + 64, patience))
      << record_.figures();
  EXPECT_EQ(record_.accepted(), accepted) << "acknowledged without a majority";

  for (const auto one : dead) cluster_->member(one).start();
  expect_recovery("a majority's return");
  expect_true_books();
}

TEST_F(dying_members, a_majority_of_followers) {
  start_load({.deadline = 2s});
  const auto dead = others(leader());  // who is left believes for a while that it still leads
  for (const auto one : dead) cluster_->member(one).kill();

  ASSERT_TRUE(record_.wait_for_failed(error_kind::unknown_outcome, 32, patience)) << record_.figures();
  const auto accepted = record_.accepted();
  const auto unknown = record_.failed(error_kind::unknown_outcome);
  ASSERT_TRUE(record_.wait_for_failed(error_kind::unknown_outcome, unknown + 64, patience))
      << record_.figures();
  EXPECT_EQ(record_.accepted(), accepted) << "acknowledged without a majority";

  for (const auto one : dead) cluster_->member(one).start();
  expect_recovery("the followers' return");
  expect_true_books();
}

TEST_F(dying_members, all_of_them) {
  start_load();
  for (std::size_t i = 0; i < nats_cluster::size; ++i) cluster_->member(i).kill();
  for (std::size_t i = 0; i < nats_cluster::size; ++i) cluster_->member(i).start();
  expect_recovery("the whole cluster's return");
  expect_true_books();
}

}  // namespace
}  // namespace quipu::test
