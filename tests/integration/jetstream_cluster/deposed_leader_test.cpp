#include "cluster_bank.hpp"

namespace quipu::test {
namespace {

using namespace std::chrono_literals;

/// Who stands still for longer than an election and goes on as if nothing had been.
class deposed_leader : public cluster_bank {
 protected:
  void pause_it_and_let_it_come_back() {
    const auto paused = leader();
    cluster_->member(paused).pause();
    // The others elect one of them: new answers come, and until then every deadline there is has passed.
    expect_recovery("the leader's standstill");
    if (HasFatalFailure()) return;
    const auto unaware = record_.accepted();
    ASSERT_TRUE(record_.wait_for_accepted(500, patience)) << record_.figures();
    cluster_->member(paused).resume();
    expect_recovery("the deposed leader's return");
    EXPECT_GT(record_.accepted(), unaware);
    cluster_->wait_until_replicated(journal);
    expect_true_books();
  }
};

TEST_F(deposed_leader, that_the_runtime_is_connected_to) {
  start_load({.deadline = 2s});
  move_leader(true);
  pause_it_and_let_it_come_back();
}

TEST_F(deposed_leader, behind_another_member) {
  start_load({.deadline = 2s});
  move_leader(false);
  pause_it_and_let_it_come_back();
}

}  // namespace
}  // namespace quipu::test
