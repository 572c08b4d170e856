// Asking in all its forms, on journals that live in memory and in LMDB.
#include <atomic>
#include <future>

#include "detached.hpp"
#include "runtime_fixture.hpp"

namespace quipu::test {
namespace {

class asking : public testing::TestWithParam<const char*> {
 protected:
  node_place place{GetParam()};
};

TEST_P(asking, answers_and_finds_its_state_after_reopening) {
  {
    auto node = place.open();
    EXPECT_EQ(value_of(node.ask<counter>("a", add(5)).get()), 5);
    const auto second = node.ask<counter>("a", add(2)).get();
    EXPECT_EQ(value_of(second), 7);
    EXPECT_EQ(second->sequence, 2U);
    EXPECT_FALSE(second->repeat);
    EXPECT_TRUE(node.close().complete());
  }
  auto node = place.open();
  EXPECT_EQ(value_of(node.ask<counter>("a", add(1)).get()), 8);
  const auto state = node.read<counter>("a").get();
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->value().total, 8);
  EXPECT_EQ(state->sequence, 3U);
}

TEST_P(asking, gives_a_repeat_its_original_answer_after_reopening_too) {
  ask_options same;
  same.command = runtime::new_command_id();
  position original;
  {
    auto node = place.open();
    const auto first = node.ask<counter>("a", add(5), same).get();
    EXPECT_EQ(value_of(first), 5);
    original = first->position;
    EXPECT_EQ(value_of(node.ask<counter>("a", add(1)).get()), 6);
  }
  auto node = place.open();
  const auto again = node.ask<counter>("a", add(5), same).get();
  EXPECT_EQ(value_of(again), 5);
  EXPECT_TRUE(again->repeat);
  EXPECT_EQ(again->position, original);
  const auto other_body = node.ask<counter>("a", add(6), same).get();
  ASSERT_FALSE(other_body.has_value());
  EXPECT_EQ(other_body.error().kind, error_kind::conflict);
}

TEST_P(asking, calls_back_on_a_thread_of_the_runtime_where_waiting_is_an_error) {
  auto node = place.open();
  std::promise<std::pair<bool, error_kind>> seen;
  node.ask<counter>("a", add(5), {}, [&](total&& got) {
    auto waiting = node.ask<counter>("a", add(1)).get();
    seen.set_value(
        {got.has_value() && on_runtime_thread(), waiting ? error_kind::unavailable : waiting.error().kind});
  });
  const auto [on_runtime, kind] = seen.get_future().get();
  EXPECT_TRUE(on_runtime);
  EXPECT_EQ(kind, error_kind::invalid);
}

detached add_at_gate(runtime& node, std::promise<std::int64_t>& done) {
  done.set_value(value_of(co_await node.ask<counter>("a", add(6, trial::Mischief::wait_at_gate))));
}

TEST_P(asking, continues_through_the_executor) {
  std::atomic<int> passed{0};
  place.defaults.executor = [&](std::move_only_function<void()> work) {
    ++passed;
    work();
  };
  auto node = place.open();
  std::promise<std::int64_t> seen;
  node.ask<counter>("a", add(5), {}, [&](total&& got) { seen.set_value(value_of(got)); });
  EXPECT_EQ(seen.get_future().get(), 5);
  EXPECT_EQ(passed.load(), 1);
  the_gate.shut();  // so that the coroutine is suspended when the answer comes
  std::promise<std::int64_t> awaited;
  add_at_gate(node, awaited);
  the_gate.await_arrival();
  the_gate.open();
  EXPECT_EQ(awaited.get_future().get(), 11);
  EXPECT_EQ(passed.load(), 2);
}

detached add_twice(runtime& node, std::promise<std::int64_t>& done) {
  (void)co_await node.ask<counter>("a", add(5));
  done.set_value(value_of(co_await node.ask<counter>("a", add(6))));
}

TEST_P(asking, can_be_awaited_by_a_coroutine) {
  auto node = place.open();
  std::promise<std::int64_t> done;
  add_twice(node, done);
  EXPECT_EQ(done.get_future().get(), 11);
}

TEST_P(asking, submits_many_in_order) {
  auto node = place.open();
  std::vector<keyed<trial::AddT>> list;
  for (int i = 0; i < 3'000; ++i) list.push_back({"key-" + std::to_string(i % 30), add(1)});
  auto answers = node.submit<counter>(std::move(list));
  ASSERT_EQ(answers.size(), 3'000U);
  for (std::size_t i = 0; i < answers.size(); ++i)
    ASSERT_EQ(value_of(answers[i].get()), static_cast<std::int64_t>(i / 30 + 1));
}

TEST_P(asking, submits_with_an_outcome_for_each) {
  std::atomic<int> passed{0};
  place.defaults.executor = [&](std::move_only_function<void()> work) {
    ++passed;
    work();
  };
  auto node = place.open();
  std::vector<keyed<trial::AddT>> list;
  list.push_back({"a", add(5)});
  list.push_back({"a", add(0)});
  list.push_back({"", add(1)});
  list.push_back({"a", add(1, trial::Mischief::decide_throws)});
  list.push_back({"a", add(2)});
  std::vector<std::promise<total>> outcomes(list.size());
  node.submit<counter>(std::move(list), {},
                       [&](std::size_t i, total&& got) { outcomes[i].set_value(std::move(got)); });
  EXPECT_EQ(value_of(outcomes[0].get_future().get()), 5);
  const auto rejected = outcomes[1].get_future().get();
  ASSERT_TRUE(rejected.has_value());
  EXPECT_EQ(rejected->rejected().code, "nothing_to_add");
  const auto invalid = outcomes[2].get_future().get();
  ASSERT_FALSE(invalid.has_value());
  EXPECT_EQ(invalid.error().kind, error_kind::invalid);
  const auto faulted = outcomes[3].get_future().get();
  ASSERT_FALSE(faulted.has_value());
  EXPECT_EQ(faulted.error().kind, error_kind::faulted);
  EXPECT_EQ(value_of(outcomes[4].get_future().get()), 7);
  EXPECT_EQ(passed.load(), 5);
}

TEST_P(asking, tells_without_waiting) {
  auto node = place.open();
  const auto told = node.tell<counter>("a", add(5));
  ASSERT_TRUE(told.has_value());
  ask_options same;
  same.command = *told;
  const auto later = node.ask<counter>("a", add(5), same).get();
  EXPECT_EQ(value_of(later), 5);
  EXPECT_TRUE(later->repeat);
}

TEST_P(asking, rejects_what_the_domain_rejects_and_reads_what_is_not_there) {
  auto node = place.open();
  const auto no = node.ask<counter>("a", add(0)).get();
  ASSERT_TRUE(no.has_value());
  EXPECT_EQ(no->rejected().code, "nothing_to_add");
  const auto nothing = node.read<counter>("b").get();
  ASSERT_TRUE(nothing.has_value());
  EXPECT_EQ(nothing->rejected().code, "not_found");
}

TEST_P(asking, compares_the_sequence_that_the_client_expects) {
  auto node = place.open();
  ask_options first;
  first.expected_sequence = 0;
  EXPECT_EQ(value_of(node.ask<counter>("a", add(5), first).get()), 5);
  const auto stale = node.ask<counter>("a", add(5), first).get();
  ASSERT_FALSE(stale.has_value());
  EXPECT_EQ(stale.error().kind, error_kind::conflict);
}

TEST_P(asking, refuses_bad_keys_and_commands_that_are_too_large) {
  auto node = place.open();
  for (const auto& key : {std::string(), std::string(256, 'x')}) {
    const auto bad = node.ask<counter>(key, add(5)).get();
    ASSERT_FALSE(bad.has_value());
    EXPECT_EQ(bad.error().kind, error_kind::invalid);
  }
  EXPECT_EQ(value_of(node.ask<counter>(std::string("\0\xff/@", 4), add(5)).get()), 5);
  auto large = add(5);
  large.padding.assign(2'000'000, 'x');
  const auto refused = node.ask<counter>("a", large).get();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, error_kind::refused);
  EXPECT_EQ(value_of(node.ask<counter>("a", add(5)).get()), 5);
}

TEST_P(asking, survives_its_domain_throwing) {
  auto node = place.open();
  EXPECT_EQ(value_of(node.ask<counter>("a", add(5)).get()), 5);
  for (const auto mischief : {trial::Mischief::decide_throws, trial::Mischief::evolve_throws}) {
    const auto faulted = node.ask<counter>("a", add(1, mischief)).get();
    ASSERT_FALSE(faulted.has_value());
    EXPECT_EQ(faulted.error().kind, error_kind::faulted);
    EXPECT_NE(faulted.error().text.find("had enough"), std::string::npos) << faulted.error().text;
    EXPECT_EQ(value_of(node.ask<counter>("a", add(1)).get()),
              mischief == trial::Mischief::decide_throws ? 6 : 7);
  }
}

TEST_P(asking, holds_more_entities_than_fit_in_memory) {
  place.defaults.entities.resident_per_partition = 32;
  constexpr int keys = 2'000;
  const auto round = [&](runtime& node, std::int64_t expected) {
    for (int first = 0; first < keys; first += 100) {
      std::vector<keyed<trial::AddT>> list;
      for (int i = first; i < first + 100; ++i) list.push_back({"key-" + std::to_string(i), add(1)});
      for (auto& answer : node.submit<counter>(std::move(list))) ASSERT_EQ(value_of(answer.get()), expected);
    }
  };
  {
    auto node = place.open();
    round(node, 1);
    round(node, 2);
    EXPECT_LE(node.status().resident_entities, 4U * 33U);
  }
  auto node = place.open();
  round(node, 3);
}

INSTANTIATE_TEST_SUITE_P(journals, asking, testing::Values("memory:", "lmdb:"), [](const auto& which) {
  return std::string(which.param).substr(0, std::string(which.param).find(':'));
});

}  // namespace
}  // namespace quipu::test
