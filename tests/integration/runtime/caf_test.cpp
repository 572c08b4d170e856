// Quipu for people who bring CAF actors: asks, notices and a runtime on their own actor system.
#include <quipu/caf.hpp>

#include "runtime_fixture.hpp"

#include <caf/blocking_actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <future>

namespace quipu::test {
namespace {

using answered = answer<trial::TotalT>;

struct config_with_quipu : caf::actor_system_config {
  config_with_quipu() { configure(*this); }
};

/// `shared`: the runtime runs on the actors' system, or beside it.
class caf_users : public testing::TestWithParam<bool> {
 protected:
  runtime open() {
    auto how = place.defaults;
    auto opened = place.try_open(std::move(how), GetParam() ? &system : nullptr);
    if (!opened) throw std::runtime_error(opened.error().text);
    return std::move(*opened);
  }
  /// Runs `work(self)` in an event-based actor.
  template <class F>
  void in_an_actor(F work) {
    system.spawn([work = std::move(work)](caf::event_based_actor* self) { work(self); });
  }

  config_with_quipu config;
  caf::actor_system system{config};
  node_place place{"memory:", 4};
};

TEST_P(caf_users, an_event_based_actor_is_answered_and_its_commands_keep_their_order) {
  auto node = open();
  std::promise<std::vector<std::int64_t>> done;
  in_an_actor([&](caf::event_based_actor* self) {
    // The actor's own, without a lock: the answers come on its turns only.
    auto seen = std::make_shared<std::vector<std::int64_t>>(100);
    auto missing = std::make_shared<int>(100);
    for (std::size_t i = 0; i < 100; ++i) {
      const auto take = [&done, seen, missing, i](const answered& got) {
        (*seen)[i] = got.value().value;
        if (--*missing == 0) done.set_value(*seen);
      };
      auto handle = ask<counter>(self, node, 30s, "a", add(1));
      if (i % 2 == 0)
        handle.then(take, [](const caf::error&) { ADD_FAILURE(); });
      else
        handle.then(take);
    }
  });
  const auto seen = done.get_future().get();
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], static_cast<std::int64_t>(i + 1));
}

TEST_P(caf_users, rejections_are_answers_and_errors_keep_their_text) {
  auto node = open();
  std::promise<std::string> rejected;
  std::promise<std::pair<caf::error, std::string>> failed;
  in_an_actor([&](caf::event_based_actor* self) {
    ask<counter>(self, node, caf::infinite, "a", add(0)).await([&](const answered& got) {
      rejected.set_value(got.accepted() ? "" : got.rejected().code);
    });
    const ask_options how{.command = runtime::new_command_id()};
    ask<counter>(self, node, caf::infinite, "", add(1), how)
        .await([](const answered&) { ADD_FAILURE(); },
               [&, self](const caf::error& why) { failed.set_value({why, self->system().render(why)}); });
  });
  EXPECT_EQ(rejected.get_future().get(), "nothing_to_add");
  const auto [why, shown] = failed.get_future().get();
  EXPECT_EQ(shown, "invalid: a key has 1 to 255 bytes, this one has 0");
  const auto same = from_caf(why);
  ASSERT_TRUE(same.has_value());
  EXPECT_EQ(same->kind, error_kind::invalid);
  EXPECT_EQ(same->code, error_code::command_key);
  EXPECT_TRUE(same->command);
  EXPECT_FALSE(from_caf(caf::make_error(caf::sec::request_timeout)).has_value());
}

TEST_P(caf_users, a_time_out_is_cafs_own_and_asking_again_tells_what_became_of_it) {
  auto node = open();
  const auto key = key_in(1, 4);
  place.control->stall(1);
  std::promise<caf::error> timed_out;
  std::promise<bool> repeated;
  const ask_options same{.command = runtime::new_command_id()};
  in_an_actor([&](caf::event_based_actor* self) {
    ask<counter>(self, node, 20ms, key, add(7), same)
        .then([](const answered&) { ADD_FAILURE() << "the journal stands still"; },
              [&, self](const caf::error& why) {
                timed_out.set_value(why);
                ask<counter>(self, node, 30s, key, add(7), same).then([&](const answered& got) {
                  EXPECT_EQ(got.value().value, 7);
                  repeated.set_value(got.repeat);
                });
              });
  });
  EXPECT_EQ(timed_out.get_future().get(), caf::sec::request_timeout);
  place.control->go_on();
  EXPECT_TRUE(repeated.get_future().get());
}

TEST_P(caf_users, an_actor_that_is_gone_hurts_nobody) {
  auto node = open();
  const auto key = key_in(1, 4);
  place.control->stall(1);
  std::promise<void> gone;
  in_an_actor([&](caf::event_based_actor* self) {
    self->attach_functor([&] { gone.set_value(); });
    ask<counter>(self, node, 30s, key, add(1)).then([](const answered&) { ADD_FAILURE() << "it had quit"; });
    self->quit();
  });
  gone.get_future().get();
  place.control->go_on();
  EXPECT_EQ(value_of(node.ask<counter>(key, add(1)).get()), 2) << "its command took its way";
}

TEST_P(caf_users, blocking_and_scoped_actors_receive) {
  auto node = open();
  caf::scoped_actor self{system};
  std::int64_t total = 0;
  ask<counter>(self, node, 30s, "a", add(3))
      .receive([&](const answered& got) { total = got.value().value; },
               [&](const caf::error& why) { ADD_FAILURE() << system.render(why); });
  EXPECT_EQ(total, 3);
  std::promise<std::int64_t> seen;
  system.spawn<caf::detached>([&](caf::blocking_actor* blocking) {
    ask<counter>(blocking, node, 30s, "a", add(4))
        .receive([&](const answered& got) { seen.set_value(got.value().value); },
                 [&](const caf::error& why) { ADD_FAILURE() << system.render(why); });
  });
  EXPECT_EQ(seen.get_future().get(), 7);
}

TEST_P(caf_users, a_runtime_that_closes_tells_those_who_wait) {
  std::promise<std::optional<error>> open_one;
  std::promise<std::optional<error>> late_one;
  const auto key = key_in(1, 4);
  auto node = open();
  place.control->stall(1);
  std::promise<void> asked;
  const auto asker = system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    ask<counter>(self, node, caf::infinite, key, add(1))
        .then([](const answered&) { ADD_FAILURE(); },
              [&](const caf::error& why) { open_one.set_value(from_caf(why)); });
    asked.set_value();
    return {[&, self](int) {
      ask<counter>(self, node, caf::infinite, key, add(1))
          .then([](const answered&) { ADD_FAILURE(); },
                [&](const caf::error& why) { late_one.set_value(from_caf(why)); });
    }};
  });
  asked.get_future().get();
  EXPECT_FALSE(node.close(20ms).complete());
  caf::anon_send(asker, 1);
  const auto first = open_one.get_future().get();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->kind, error_kind::unknown_outcome);
  const auto second = late_one.get_future().get();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->kind, error_kind::not_open);
  place.control->go_on();
}

TEST_P(caf_users, waiting_on_a_thread_of_the_scheduler_is_an_error) {
  auto node = open();
  const auto key = key_in(1, 4);
  place.control->stall(1);  // so that there is something to wait for
  std::promise<error> told;
  in_an_actor([&](caf::event_based_actor*) {
    const auto got = node.ask<counter>(key, add(1)).get();
    told.set_value(got ? error(error_code::command_given_up, "it waited") : got.error());
  });
  const auto why = told.get_future().get();
  EXPECT_EQ(why.kind, error_kind::invalid);
  EXPECT_NE(why.text.find("would wait for itself"), std::string::npos) << why.text;
  place.control->go_on();
}

TEST_P(caf_users, an_actor_without_room_waits_in_line_for_it) {
  place.defaults.admission.commands_per_partition = 4;
  auto node = open();
  const auto key = key_in(1, 4);
  place.control->stall(1);
  std::promise<void> asked;
  std::promise<std::int64_t> last;
  in_an_actor([&](caf::event_based_actor* self) {
    const ask_options patient{.wait_for_room = 60s};
    for (int i = 1; i <= 20; ++i)
      ask<counter>(self, node, caf::infinite, key, add(1), patient).then([&, i](const answered& got) {
        EXPECT_EQ(got.value().value, i);
        if (i == 20) last.set_value(got.value().value);
      });
    asked.set_value();
  });
  asked.get_future().get();
  place.control->go_on();
  EXPECT_EQ(last.get_future().get(), 20);
}

TEST_P(caf_users, notices_come_as_messages) {
  std::promise<std::vector<notice_kind>> heard;
  const auto monitoring = system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    auto seen = std::make_shared<std::vector<notice_kind>>();
    return {[&heard, seen, self](const notice& what) {
      seen->push_back(what.kind);
      if (what.kind != notice_kind::closed) return;
      heard.set_value(*seen);
      self->quit();
    }};
  });
  int told_before = 0;
  place.defaults.on_notice = [&](const notice&) { ++told_before; };
  place.defaults = monitor(std::move(place.defaults), monitoring);
  {
    auto node = open();
  }
  const auto kinds = heard.get_future().get();
  EXPECT_EQ(std::ranges::count(kinds, notice_kind::recovered), 4);
  EXPECT_EQ(kinds.size(), 6U);
  EXPECT_EQ(kinds.back(), notice_kind::closed);
  EXPECT_EQ(told_before, 6);
  place.defaults.on_notice = {};
}

INSTANTIATE_TEST_SUITE_P(systems, caf_users, testing::Bool(),
                         [](const auto& one) { return one.param ? "shared" : "beside"; });

TEST(caf_system, must_have_been_configured) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  node_place place;
  const auto opened = place.try_open(place.defaults, &system);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().kind, error_kind::invalid);
  EXPECT_NE(opened.error().text.find("quipu::configure"), std::string::npos) << opened.error().text;
}

TEST(caf_system, goes_on_after_its_runtimes_and_takes_others) {
  config_with_quipu config;
  caf::actor_system system{config};
  node_place place;
  for (std::int64_t i = 1; i <= 3; ++i) {
    auto opened = place.try_open(place.defaults, &system);
    ASSERT_TRUE(opened.has_value()) << opened.error().text;
    EXPECT_EQ(value_of(opened->ask<counter>("a", add(1)).get()), i);
  }
}

}  // namespace
}  // namespace quipu::test
