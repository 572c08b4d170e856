// Back-pressure that a producer awaits: commands that stand in line for room, without a thread.
#include <atomic>
#include <future>
#include <thread>

#include "detached.hpp"
#include "runtime_fixture.hpp"

namespace quipu::test {
namespace {

class offering : public testing::Test {
 protected:
  offering() { place.defaults.admission.commands_per_partition = 4; }
  void fill(runtime& node) {
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(node.tell<counter>(key, add(1)));
  }
  node_place place{"memory:", 4};
  const std::string key = key_in(1, 4);
};

/// Sends as fast as it is let, and knows at each step how much waits for answers.
detached produce(runtime& node, std::string key, int count, std::promise<std::int64_t>& done) {
  std::vector<future<answer<trial::TotalT>>> answers;
  for (int i = 0; i < count; ++i) {
    auto admitted = co_await node.offer<counter>(key, add(1));
    if (!admitted) {
      ADD_FAILURE() << admitted.error().text;
      break;
    }
    answers.push_back(std::move(*admitted));
  }
  std::int64_t last = 0;
  for (auto& one : answers) last = value_of(co_await std::move(one));
  done.set_value(last);
}

TEST_F(offering, slows_a_producer_down_instead_of_refusing_it) {
  auto node = place.open();
  place.control->stall(1);
  std::promise<std::int64_t> done;
  produce(node, key, 500, done);  // comes back when there is no room, and goes on as there is
  EXPECT_EQ(node.status().partitions[1].queued_commands, 4U);
  place.control->go_on();
  EXPECT_EQ(done.get_future().get(), 500);
  EXPECT_EQ(node.status().overloaded, 0U);
}

TEST_F(offering, admits_in_the_order_of_arrival) {
  auto node = place.open();
  place.control->stall(1);
  fill(node);
  std::vector<future<future<answer<trial::TotalT>>>> line;
  for (int i = 0; i < 20; ++i) line.push_back(node.offer<counter>(key, add(1)));
  for (const auto& one : line) EXPECT_FALSE(one.ready());
  const auto overtaker = node.ask<counter>(key, add(1)).get();
  ASSERT_FALSE(overtaker.has_value());
  EXPECT_EQ(overtaker.error().kind, error_kind::overloaded);
  place.control->go_on();
  for (int i = 0; i < 20; ++i) {
    auto admitted = line[static_cast<std::size_t>(i)].get();
    ASSERT_TRUE(admitted.has_value()) << admitted.error().text;
    EXPECT_EQ(value_of(admitted->get()), 5 + i);
  }
}

TEST_F(offering, stands_in_one_line_with_callers_that_block) {
  auto node = place.open();
  place.control->stall(1);
  fill(node);
  auto first = node.offer<counter>(key, add(1));
  std::thread blocked([&] {
    const auto got = node.ask<counter>(key, add(1), {.wait_for_room = 60s}).get();
    EXPECT_GE(value_of(got), 6);
  });
  place.control->go_on();
  auto admitted = first.get();
  ASSERT_TRUE(admitted.has_value());
  EXPECT_EQ(value_of(admitted->get()), 5);
  blocked.join();
}

TEST_F(offering, has_a_line_of_bounded_length) {
  place.defaults.admission.waiting_per_partition = 2;
  auto node = place.open();
  place.control->stall(1);
  fill(node);
  auto first = node.offer<counter>(key, add(1));
  auto second = node.offer<counter>(key, add(1));
  const auto third = node.offer<counter>(key, add(1)).get();
  ASSERT_FALSE(third.has_value());
  EXPECT_EQ(third.error().kind, error_kind::overloaded);
  EXPECT_GT(third.error().retry_after.count(), 0);
  place.control->go_on();
  EXPECT_TRUE(first.get().has_value());
  EXPECT_TRUE(second.get().has_value());
}

TEST_F(offering, ends_with_its_patience_and_was_not_done) {
  auto node = place.open();
  place.control->stall(1);
  fill(node);
  const auto refused = node.offer<counter>(key, add(1), {.wait_for_room = 10ms}).get();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, error_kind::overloaded);
  const auto late = node.offer<counter>(key, add(1), {.deadline = 10ms}).get();
  ASSERT_FALSE(late.has_value());
  place.control->go_on();
  EXPECT_EQ(value_of(node.ask<counter>(key, add(1), {.wait_for_room = 60s}).get()), 5);
}

TEST_F(offering, ends_with_not_open_when_the_runtime_closes) {
  auto node = place.open();
  place.control->stall(1);
  fill(node);
  auto waits = node.offer<counter>(key, add(1));
  EXPECT_FALSE(node.close(10ms).complete());
  const auto told = waits.get();
  ASSERT_FALSE(told.has_value());
  EXPECT_EQ(told.error().kind, error_kind::not_open);
  const auto after = node.offer<counter>(key, add(1)).get();
  ASSERT_FALSE(after.has_value());
  EXPECT_EQ(after.error().kind, error_kind::not_open);
}

TEST_F(offering, lets_a_callback_wait_for_room_without_its_thread) {
  place.defaults.threads = 1;
  auto node = place.open();
  std::promise<std::int64_t> last;
  node.ask<counter>(key, add(1), {}, [&](total&& got) {
    EXPECT_EQ(value_of(got), 1);
    for (int i = 2; i <= 30; ++i)
      node.ask<counter>(key, add(1), {.wait_for_room = 60s}, [&, i](total&& more) {
        EXPECT_EQ(value_of(more), i);
        if (i == 30) last.set_value(value_of(more));
      });
  });
  EXPECT_EQ(last.get_future().get(), 30);
}

TEST_F(offering, refuses_what_is_wrong_at_once) {
  auto node = place.open();
  const auto refused = node.offer<counter>("", add(1)).get();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, error_kind::invalid);
}

}  // namespace
}  // namespace quipu::test
