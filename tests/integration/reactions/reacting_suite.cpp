// What a reaction does on every journal. A backend's file instantiates this suite and adds nothing else.
#include "reactions_fixture.hpp"

namespace quipu::test {
namespace {

TEST_P(reacting_on, commands_are_taken_once_and_in_order_by_target) {
  position last;
  for (int i = 1; i <= 60; ++i) last = send(i % 3 == 0 ? "a" : "b", i);
  wait_for(last);
  numbers a, b;
  for (int i = 1; i <= 60; ++i) (i % 3 == 0 ? a : b).push_back(i);
  EXPECT_EQ(in("a"), a);
  EXPECT_EQ(in("b"), b);
  const auto now = reactor_->status();
  EXPECT_EQ(now.state, projection_state::following) << now.text;
  EXPECT_GE(now.position, last);
  EXPECT_EQ(now.accepted, 60U);
  EXPECT_EQ(now.outbox, 0U);
}

TEST_P(reacting_on, goes_on_where_it_stopped_and_sends_nothing_again) {
  wait_for(send("a", 1));
  close();
  open();
  wait_for(send("a", 2));
  EXPECT_EQ(in("a"), (numbers{1, 2}));
  EXPECT_EQ(reactor_->status().repeats, 0U);
  reactor_->stop();
  const auto last = send("a", 3);
  EXPECT_FALSE(reactor_->wait_for(last, 20ms));
  EXPECT_EQ(reactor_->status().state, projection_state::stopped);
  reactor_->start();
  wait_for(last);
  EXPECT_EQ(in("a"), (numbers{1, 2, 3}));
}

TEST_P(reacting_on, a_rejection_leads_to_the_compensation_and_the_next_goes) {
  the_mischief.refuse({2, 4});
  send("a", 1, true);
  send("a", 2, true);
  send("a", 3, true);
  wait_for(send("a", 4));  // without one
  EXPECT_EQ(in("a"), (numbers{1, 3}));
  EXPECT_EQ(given_back(), (numbers{2}));
  const auto now = reactor_->status();
  EXPECT_EQ(now.rejected, 2U);
  EXPECT_EQ(now.unanswered, 1U);
  EXPECT_EQ(now.accepted, 3U);
  EXPECT_EQ(now.dead_letters, 0U);
}

TEST_P(reacting_on, what_was_in_flight_is_sent_again_and_known) {
  the_mischief.shut_gate_for(1);
  send("a", 1);
  the_mischief.await_waiting();
  reactor_->stop();  // its answer will not be heard
  the_mischief.open_gate();
  await([&] { return in("a") == numbers{1}; }, "it takes effect");
  reactor_->start();
  wait_for(send("a", 2));
  EXPECT_EQ(in("a"), (numbers{1, 2}));
  EXPECT_EQ(reactor_->status().repeats, 1U);
}

// Rejections are decided anew: what is sent again after a "no" that nobody heard may be accepted, and then nothing is given back.
TEST_P(reacting_on, an_older_no_is_not_the_last_word) {
  the_mischief.shut_gate_for(1);
  send("a", 1, true);
  the_mischief.await_waiting();
  reactor_->stop();
  reactor_->start();
  await([&] { return reactor_->status().in_flight == 1; }, "it is sent again");
  the_mischief.refuse_once({1});
  the_mischief.open_gate();
  wait_for(send("a", 2, true));
  EXPECT_EQ(in("a"), (numbers{1, 2}));
  EXPECT_EQ(given_back(), numbers{});
}

TEST_P(reacting_on, trace_and_cause_are_handed_on) {
  ask_options how;
  how.trace = {7, 9};
  how.headers = {{"tenant", "north"}};
  const auto sent = node_->ask<desk>("d", relay::SendT{.to = "a", .number = 1}, how).get();
  wait_for(sent->position);
  const auto all = node_->journal()->read(1);
  bool found = false;
  for (;;) {
    const auto record = all->next().value();
    if (!record) break;
    const auto view = journal::record_view::decode(record->data).value();
    for (std::uint32_t i = 0; i < view.commit_count(); ++i) {
      const auto commit = view.commit_at(i);
      if (commit.category != "box") continue;
      found = true;
      EXPECT_EQ(commit.trace, how.trace);
      EXPECT_EQ(commit.causation, sent->command);
      ASSERT_EQ(commit.header_count, 1U);
      EXPECT_EQ(as_text(view.header(commit, 0).value), "north");
      ASSERT_TRUE(commit.source);
      EXPECT_EQ(commit.source->at, sent->position);
    }
  }
  EXPECT_TRUE(found);
}

TEST_P(reacting_on, a_pause_survives_a_restart) {
  wait_for(send("a", 1));
  ASSERT_TRUE(reactor_->pause("month's end"));
  const auto after = send("a", 2);
  EXPECT_FALSE(reactor_->wait_for(after, 30ms));
  close();
  open();
  EXPECT_FALSE(reactor_->wait_for(after, 30ms));
  EXPECT_EQ(reactor_->status().state, projection_state::paused);
  EXPECT_EQ(reactor_->status().text, "month's end");
  EXPECT_EQ(in("a"), (numbers{1}));
  ASSERT_TRUE(reactor_->resume());
  wait_for(after);
  EXPECT_EQ(in("a"), (numbers{1, 2}));
}

TEST_P(reacting_on, has_one_holder) {
  const auto second = react<carrier>(*models_, *node_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, error_code::projection_locked);
}

TEST_P(reacting_on, without_its_store_it_refuses_or_begins_at_the_end) {
  wait_for(send("a", 1));
  close();
  std::filesystem::rename(directory_ / "node/read-models", directory_ / "lost");
  open_node();
  const auto refused = react<carrier>(*models_, *node_, quick());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::reaction_store_lost);
  EXPECT_NE(refused.error().text.find("box/a@1"), std::string::npos) << refused.error().text;
  send("a", 2);  // nobody's business: it was before the end
  close();
  auto how = quick();
  how.begin = reaction_begin::journal_end;
  open(how);
  wait_for(send("a", 3));
  EXPECT_EQ(in("a"), (numbers{1, 3}));
  close();
  open();  // where it begins is kept
  wait_for(send("a", 4));
  EXPECT_EQ(in("a"), (numbers{1, 3, 4}));
}

TEST_P(reacting_on, an_older_copy_of_its_store_is_refused) {
  wait_for(send("a", 1));
  close();
  std::filesystem::copy(directory_ / "node/read-models", directory_ / "copy",
                        std::filesystem::copy_options::recursive);
  open();
  wait_for(send("a", 2));
  close();
  std::filesystem::remove_all(directory_ / "node/read-models");
  std::filesystem::rename(directory_ / "copy", directory_ / "node/read-models");
  open_node();
  const auto refused = react<carrier>(*models_, *node_, quick());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::reaction_store_lost);
  EXPECT_NE(refused.error().text.find("box/a@2"), std::string::npos) << refused.error().text;
}

TEST_P(reacting_on, nobody_replays_it) {
  const port::projection_type& type = reaction_type_of<carrier>();
  EXPECT_TRUE(type.sends_commands);
  EXPECT_EQ(models_->rebuild(type, *node_->journal(), {}).error().code, error_code::projection_reaction);
  EXPECT_EQ(models_->follow(type, *node_->journal(), {}).error().code, error_code::projection_reaction);
  EXPECT_EQ(models_->promote(type, 1, {}).error().code, error_code::projection_reaction);
}

}  // namespace
}  // namespace quipu::test
