#include <algorithm>
#include <set>

#include "cluster_bank.hpp"
#include "support/seed.hpp"

namespace quipu::test {
namespace {

using namespace std::chrono_literals;

class take_over : public cluster_bank {};

TEST_F(take_over, while_the_leader_is_being_killed) {
  start_load({.deadline = 2s});
  const auto killed = leader();
  cluster_->member(killed).kill();
  // Claims wait for the next leader, and the first runtime's batches do so too: one of them wins each partition.
  auto second = open_another(true, "second");
  ASSERT_TRUE(second);

  // The first one's clients go on until it knows, in every partition, that it is fenced.
  ASSERT_TRUE(record_.wait_for_failed(error_kind::superseded, 1, patience)) << record_.figures();
  bank_load its_own(*second, record_, random_source(2), {.first_account = 64, .outstanding = 32});
  its_own.start();
  expect_recovery("a take-over during an election");
  bring_back(killed);
  const time_limit until(patience);
  const auto all_superseded = [&] {
    const auto status = bank_->status();
    return std::ranges::all_of(status.partitions,
                               [](const auto& one) { return one.phase == partition_phase::superseded; });
  };
  while (!all_superseded() && !until.over()) ASSERT_TRUE(record_.wait_for_accepted(50, patience));
  EXPECT_TRUE(all_superseded());
  {
    const std::scoped_lock lock(guard_);
    EXPECT_EQ(std::set(superseded_.begin(), superseded_.end()).size(), superseded_.size());
    EXPECT_EQ(superseded_.size(), partitions);
  }

  // What the first one could not tell, the second one knows.
  load().finish();
  its_own.finish();
  EXPECT_TRUE(its_own.settle(patience)) << record_.figures();
  expect_true_books();
  second->close(1s);
}

}  // namespace
}  // namespace quipu::test
