// Everything that waits is bounded, and nothing that was accepted is lost.
#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "runtime_fixture.hpp"

namespace quipu::test {
namespace {

constexpr std::uint32_t partitions = 4;

class admission : public testing::Test {
 protected:
  admission() {
    place.defaults.admission.commands_per_partition = 100;
    place.defaults.entities.commands_per_entity = 100;
  }
  node_place place{"memory:", partitions};
};

struct tally {
  std::atomic<int> accepted{0};
  std::atomic<int> overloaded{0};
  std::atomic<int> other{0};
  void count(const total& got) {
    if (got)
      ++accepted;
    else if (got.error().kind == error_kind::overloaded)
      ++overloaded;
    else
      ++other;
  }
};

TEST_F(admission, a_stalled_journal_bounds_what_waits_and_loses_nothing_accepted) {
  auto node = place.open();
  const auto slow = key_in(1, partitions, "slow");
  const auto quick = key_in(2, partitions, "quick");
  place.control->stall(1);
  tally seen;
  std::atomic<int> refused_inline{0};
  std::latch done(1'000);
  for (int i = 0; i < 1'000; ++i) {
    auto inside = std::make_shared<std::atomic<bool>>(true);
    node.ask<counter>(slow, add(1), {}, [&, inside](total&& got) {
      seen.count(got);
      if (!got && *inside) {
        ++refused_inline;
        EXPECT_GT(got.error().retry_after.count(), 0);
      }
      done.count_down();
    });
    *inside = false;
  }
  EXPECT_EQ(seen.overloaded.load(), 900);
  EXPECT_EQ(refused_inline.load(), 900) << "a refusal comes at once, on the caller's thread";
  EXPECT_EQ(value_of(node.ask<counter>(quick, add(3)).get()), 3) << "other partitions keep pace";
  const auto full = node.status();
  EXPECT_EQ(full.partitions[1].overloaded, 900U);
  EXPECT_EQ(full.partitions[1].queued_commands, 100U);
  EXPECT_EQ(full.backlog, backlog::high);
  place.control->go_on();
  done.wait();
  EXPECT_EQ(seen.accepted.load(), 100);
  EXPECT_EQ(seen.other.load(), 0);
  EXPECT_EQ(value_of(node.ask<counter>(slow, add(1)).get()), 101);
}

TEST_F(admission, idle_time_does_not_lengthen_the_hint_when_to_come_back) {
  auto node = place.open();
  const auto slow = key_in(1, partitions, "slow");
  EXPECT_EQ(value_of(node.ask<counter>(slow, add(1)).get()), 1);
  place.control->stall(1);
  // The first one's room may come back a moment after its answer.
  auto told = node.tell<counter>(slow, add(1));
  for (int i = 1; told && i < 102; ++i) told = node.tell<counter>(slow, add(1));
  ASSERT_FALSE(told.has_value());
  EXPECT_LE(told.error().retry_after, 250ms);
  place.control->go_on();
}

TEST_F(admission, one_slow_entity_does_not_stop_the_others) {
  auto node = place.open();
  const auto slow = key_in(1, partitions, "slow");
  the_gate.shut();
  auto first = node.ask<counter>(slow, add(1, trial::Mischief::wait_at_gate));
  the_gate.await_arrival();
  tally seen;
  std::latch done(500);
  for (int i = 0; i < 500; ++i)
    node.ask<counter>(slow, add(1), {}, [&](total&& got) {
      seen.count(got);
      done.count_down();
    });
  EXPECT_EQ(seen.overloaded.load(), 401);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(value_of(node.ask<counter>(key_in(2, partitions), add(1)).get()), i + 1);
  the_gate.open();
  done.wait();
  EXPECT_EQ(value_of(first.get()), 1);
  EXPECT_EQ(seen.accepted.load(), 99);
}

TEST_F(admission, a_caller_may_wait_for_room) {
  auto node = place.open();
  const auto slow = key_in(1, partitions, "slow");
  place.control->stall(1);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(node.tell<counter>(slow, add(1)));

  ask_options impatient;
  impatient.wait_for_room = 5ms;
  const auto refused = node.ask<counter>(slow, add(1), impatient).get();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, error_kind::overloaded);

  ask_options patient;
  patient.wait_for_room = 60s;
  std::vector<std::thread> callers;
  std::atomic<int> answered{0};
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&] {
      if (value_of(node.ask<counter>(slow, add(1), patient).get()) > 100) ++answered;
    });
  place.control->go_on();
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(answered.load(), 8);
}

TEST_F(admission, bytes_are_bounded_too) {
  place.defaults.admission.bytes_per_partition = 64 * 1024;
  auto node = place.open();
  const auto slow = key_in(1, partitions, "slow");
  place.control->stall(1);
  auto large = add(1);
  large.padding.assign(20'000, 'x');
  std::vector<keyed<trial::AddT>> list(10, {slow, large});
  auto answers = node.submit<counter>(std::move(list));
  place.control->go_on();
  int accepted = 0;
  for (auto& one : answers) accepted += one.get().has_value() ? 1 : 0;
  EXPECT_GE(accepted, 2);
  EXPECT_LE(accepted, 3);
}

TEST_F(admission, a_deadline_ends_the_wait_when_the_journal_does_not_answer) {
  auto node = place.open();
  const auto slow = key_in(1, partitions, "slow");
  place.control->stall(1);
  ask_options hurried;
  hurried.deadline = 30ms;
  hurried.command = runtime::new_command_id();
  const auto late = node.ask<counter>(slow, add(1), hurried).get();
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().kind, error_kind::unknown_outcome);
  EXPECT_EQ(late.error().command, *hurried.command);
  EXPECT_EQ(node.status().partitions[1].queued_commands, 1U)
      << "its room is given back when the partition is done";
  place.control->go_on();
  hurried.deadline = 60s;
  EXPECT_EQ(value_of(node.ask<counter>(slow, add(1), hurried).get()), 1) << "asking again is safe";
}

TEST_F(admission, closing_within_a_deadline_reports_what_stayed_open) {
  auto node = place.open();
  const auto slow = key_in(1, partitions, "slow");
  place.control->stall(1);
  auto stuck = node.ask<counter>(slow, add(1));
  EXPECT_EQ(value_of(node.ask<counter>(key_in(2, partitions), add(1)).get()), 1);
  const auto report = node.close(50ms);
  EXPECT_FALSE(report.complete());
  ASSERT_EQ(report.open.size(), 1U);
  EXPECT_EQ(report.open[0].partition, 1U);
  EXPECT_EQ(report.open[0].commands, 1U);
  const auto told = stuck.get();
  ASSERT_FALSE(told.has_value());
  EXPECT_EQ(told.error().kind, error_kind::unknown_outcome);
  const auto after = node.ask<counter>(slow, add(1)).get();
  ASSERT_FALSE(after.has_value());
  EXPECT_EQ(after.error().kind, error_kind::not_open);
  EXPECT_EQ(node.close().open.size(), 1U);
}

TEST_F(admission, closing_answers_what_was_admitted) {
  tally seen;
  {
    auto node = place.open();
    for (int i = 0; i < 400; ++i)
      node.ask<counter>("key-" + std::to_string(i % 40), add(1), {}, [&](total&& got) { seen.count(got); });
    EXPECT_TRUE(node.close(30s).complete());
  }
  EXPECT_EQ(seen.accepted + seen.overloaded, 400);
  EXPECT_EQ(seen.other.load(), 0);
}

}  // namespace
}  // namespace quipu::test
