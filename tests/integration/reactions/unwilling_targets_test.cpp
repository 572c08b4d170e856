// Targets that throw, are quarantined, full, or refuse a compensation; events that cannot be read; bounds.
#include "reactions_fixture.hpp"
#include "support/waiting.hpp"

namespace quipu::test {
namespace {

class unwilling_targets : public reaction_fixture {
 protected:
  void SetUp() override { use("lmdb:" + (directory_ / "j").string()); }
  std::vector<dead_letter> letters() { return reactor_->dead_letters().value(); }
  /// a's 2 is dead, 3 waits behind it, b has 4.
  void with_a_stopped() {
    the_mischief.throw_at({2});
    send("a", 1);
    send("a", 2);
    send("a", 3);
    wait_for(send("b", 4));
    EXPECT_EQ(in("a"), (numbers{1}));
    EXPECT_EQ(in("b"), (numbers{4}));
  }
  /// A box of another partition than the desk's, and of the same as `with`.
  static std::string box_beside(const std::string& desk_key, const std::string& with = {}) {
    const auto partition = [](const char* category, const std::string& key) {
      return journal::partition_of(journal::entity_hash(category, key), 4);
    };
    for (int i = 0;; ++i) {
      auto key = "x" + std::to_string(i);
      if (key == with || partition("box", key) == partition("desk", desk_key)) continue;
      if (with.empty() || partition("box", key) == partition("box", with)) return key;
    }
  }
  static event_key event(std::uint64_t sequence) { return {"desk", "d", sequence}; }
};

TEST_F(unwilling_targets, stop_their_own_line_and_the_others_go_on) {
  with_a_stopped();
  const auto list = letters();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].event, event(2));
  EXPECT_EQ(list[0].target, "box/a");
  EXPECT_EQ(list[0].type, "relay.Take");
  EXPECT_EQ(list[0].attempts, quick().follow.attempts);
  EXPECT_NE(list[0].error.find("no room for 2"), std::string::npos) << list[0].error;
  EXPECT_NE(list[0].first_failed, dead_letter::time_point{});
  EXPECT_EQ(list[1].event, event(3));
  EXPECT_EQ(list[1].attempts, 0U);
  const auto now = reactor_->status();
  EXPECT_EQ(now.dead_letters, 2U);
  EXPECT_EQ(now.state, projection_state::following) << now.text;
}

TEST_F(unwilling_targets, a_retry_releases_the_line_in_order) {
  with_a_stopped();
  EXPECT_EQ(reactor_->retry(event(3)).error().code, error_code::projection_letter_not_first);
  EXPECT_EQ(reactor_->retry(event(1)).error().code, error_code::projection_no_letter);
  close();
  open();  // they are kept
  EXPECT_EQ(letters().size(), 2U);
  the_mischief.throw_at({});
  EXPECT_EQ(reactor_->retry(event(2)).value().applied, 1U);
  wait_for(send("a", 5));
  EXPECT_EQ(in("a"), (numbers{1, 2, 3, 5}));
  EXPECT_EQ(letters().size(), 0U);
  EXPECT_EQ(reactor_->status().dead_letters, 0U);
}

TEST_F(unwilling_targets, a_skip_leaves_out_and_keeps_the_reason) {
  with_a_stopped();
  EXPECT_EQ(reactor_->skip(event(2), "typed twice").value().applied, 1U);
  wait_for(send("a", 5));
  EXPECT_EQ(in("a"), (numbers{1, 3, 5}));
  const auto skips = reactor_->skipped().value();
  ASSERT_EQ(skips.size(), 1U);
  EXPECT_EQ(skips[0].event, event(2));
  EXPECT_EQ(skips[0].reason, "typed twice");
}

TEST_F(unwilling_targets, a_compensation_that_is_rejected_is_a_dead_letter) {
  the_mischief.refuse({1, -1});
  wait_for(send("a", 1, true));
  const auto list = letters();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].target, "desk/d");
  EXPECT_EQ(list[0].type, "relay.GiveBack");
  EXPECT_NE(list[0].error.find("closed"), std::string::npos) << list[0].error;
  close();
  the_mischief.refuse({});  // the box would have it now: too late, for its "no" is durable
  open();
  EXPECT_EQ(reactor_->retry_all().value().applied, 1U);
  wait_for(send("a", 2));
  EXPECT_EQ(in("a"), (numbers{2}));
  await([&] { return given_back() == numbers{1}; }, "the compensation");
}

TEST_F(unwilling_targets, in_quarantine) {
  wait_for(send("a", 1));
  wait_for(send("a", 2, false, true));
  // Whatever became of 2, a takes nothing any more.
  wait_for(send("a", 3));
  wait_for(send("b", 4));
  EXPECT_GE(letters().size(), 1U);
  EXPECT_EQ(in("b"), (numbers{4}));
}

TEST_F(unwilling_targets, that_are_full_are_tried_until_they_are_not) {
  close();
  options node;
  node.admission.commands_per_partition = 1;
  open(quick(), node);
  const auto first = box_beside("d");
  const auto second = box_beside("d", first);
  the_mischief.shut_gate_for(1);
  send(first, 1);
  the_mischief.await_waiting();
  const auto last = send(second, 2);
  await([&] { return reactor_->status().state == projection_state::waiting; },
        "there is no room for the second");
  EXPECT_NE(reactor_->status().text.find("box/" + second), std::string::npos) << reactor_->status().text;
  the_mischief.open_gate();
  wait_for(last);
  EXPECT_EQ(in(second), numbers{2});
  EXPECT_EQ(reactor_->status().dead_letters, 0U);
}

TEST_F(unwilling_targets, an_event_that_cannot_be_read_waits_with_those_of_its_entity) {
  the_mischief.unreadable({1});
  send("a", 1);
  wait_for(send("a", 2));
  EXPECT_EQ(in("a"), numbers{});
  ASSERT_EQ(letters().size(), 2U);
  EXPECT_EQ(letters()[0].target, "");
  EXPECT_NE(letters()[0].error.find("cannot read 1"), std::string::npos);
  const auto other = node_->ask<desk>("e", relay::SendT{.to = "a", .number = 3}).get();
  wait_for(other->position);
  EXPECT_EQ(in("a"), numbers{3});
  the_mischief.unreadable({});
  EXPECT_EQ(reactor_->retry(event(1)).value().applied, 2U);
  await([&] { return in("a").size() == 3; }, "what was read at last");
  EXPECT_EQ(in("a"), (numbers{3, 1, 2}));
}

TEST_F(unwilling_targets, too_many_dead_letters_stop_it) {
  close();
  auto how = quick();
  how.follow.dead_letters_most = 3;
  how.follow.attempts = 1;
  open(how);
  the_mischief.throw_at({1});
  for (int i = 1; i <= 4; ++i) send("a", i);
  await([&] { return reactor_->status().state == projection_state::failed; }, "it stops");
  EXPECT_NE(reactor_->status().text.find("4 commands"), std::string::npos) << reactor_->status().text;
  const auto last = send("b", 5);
  EXPECT_FALSE(reactor_->wait_for(last, 10ms));
  the_mischief.throw_at({});
  EXPECT_EQ(reactor_->retry_all().value().applied, 1U);
  reactor_->start();
  wait_for(last);
  await([&] { return in("a") == numbers{1, 2, 3, 4}; }, "the line");
  EXPECT_EQ(in("b"), numbers{5});
}

TEST_F(unwilling_targets, a_full_outbox_keeps_events_in_the_journal) {
  close();
  auto how = quick();
  how.outbox_most = 8;
  how.follow.group_events = 4;
  open(how);
  the_mischief.shut_gate_for(1);
  position last;
  const auto target = box_beside("d");
  for (int i = 1; i <= 200; ++i) last = send(target, i);
  await([&] { return reactor_->status().outbox >= 8; }, "it fills");
  EXPECT_FALSE(wait_until([&] { return reactor_->status().outbox > 8U + 2 * 4U; }, 20ms, 1ms));
  the_mischief.open_gate();
  wait_for(last);
  EXPECT_EQ(in(target).size(), 200U);
}

}  // namespace
}  // namespace quipu::test
