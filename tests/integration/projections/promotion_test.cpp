// A projector goes over to the generation that is promoted, in one process. Beside `quipu replay`: tests/integration/replay.
#include "projector_fixture.hpp"
#include "support/waiting.hpp"

namespace quipu::test {
namespace {

using samples::balances;

/// Of a version that has one more table.
struct wider_balances : balances {
  static constexpr int version = 2;
  using more = quipu::table<"more", std::string, bank::BalanceRowT>;
  using tables = quipu::tables<accounts, more>;
  static void on(const auto&, const quipu::envelope&, tables&) {}
};

class promoted : public projector_fixture {
 protected:
  void SetUp() override {
    open_journal("lmdb:" + (directory_ / "j").string());
    last_ = writer_->append("ada", bank::OpenedT{.owner = "Ada"}, bank::DepositedT{.amount = 1});
  }
  void deposit() { last_ = writer_->append("ada", bank::DepositedT{.amount = 1}); }
  template <class P>
  std::unique_ptr<projector> rebuilt() {
    auto made = models_->rebuild<P>(*journal_, quick()).value();
    wait_for(*made, last_);
    return made;
  }
  template <class P>
  void promote(std::uint32_t generation) {
    const auto done = models_->promote<P>(generation, {.patience = patience});
    ASSERT_TRUE(done) << done.error().text;
  }
  /// Its text then.
  static std::string wait_for_state(projector& of, projection_state state) {
    wait_until([&] { return of.status().state == state; }, patience, 1ms);
    EXPECT_EQ(name_of(of.status().state), name_of(state));
    return of.status().text;
  }
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  position last_;
};

TEST_F(promoted, what_the_rebuild_keeps_the_follower_takes_once_it_is_let_go) {
  const auto follower = follow<balances>();
  wait_for(*follower, last_);
  auto other = rebuilt<balances>();
  promote<balances>(2);
  deposit();
  wait_for(*other, last_);
  EXPECT_EQ(balance("ada")->amount, 2);
  // The old one does not have it, and nobody reads the old one: it never says that it does.
  const auto why = wait_for_state(*follower, projection_state::waiting);
  EXPECT_TRUE(has(why, "generation 2 of projection balances is live now")) << why;
  EXPECT_TRUE(has(why, "kept by this process already")) << why;
  EXPECT_FALSE(follower->wait_for(position::of(1, 1), 20ms)) << "of a generation that nobody reads";
  EXPECT_EQ(follower->dead_letters().error().kind, journal::failure_kind::locked);
  other.reset();
  deposit();
  wait_for(*follower, last_);
  EXPECT_EQ(balance("ada")->amount, 3);
  EXPECT_EQ(follower->generation(), 2U);
  EXPECT_EQ(follower->status().generation, 2U);
  EXPECT_TRUE(follower->dead_letters());
}

TEST_F(promoted, a_rebuild_that_is_live_follows_the_next_one_and_one_that_is_not_stays) {
  const auto first = rebuilt<balances>();
  const auto second = rebuilt<balances>();
  promote<balances>(1);  // nothing was live
  auto third = rebuilt<balances>();
  promote<balances>(3);
  third.reset();
  deposit();
  wait_for(*first, last_);
  EXPECT_EQ(first->generation(), 3U);
  wait_for(*second, last_);
  EXPECT_EQ(second->generation(), 2U);
  EXPECT_EQ(balance("ada")->amount, 2);
}

TEST_F(promoted, a_pause_and_dead_letters_are_those_of_the_live_one) {
  const auto follower = follow<balances>();
  writer_->append("bob", bank::OpenedT{.owner = std::string(600, 'x')});  // longer than a key may be
  deposit();
  wait_for(*follower, last_);
  ASSERT_TRUE(follower->pause("old"));
  auto other = rebuilt<balances>();
  ASSERT_TRUE(other->skip({"account", "bob", 1}, "typed wrongly"));
  promote<balances>(2);
  other.reset();
  deposit();
  wait_for(*follower, last_);
  EXPECT_EQ(follower->status().dead_letters, 0U);
  EXPECT_EQ(follower->skipped().value().size(), 1U);
  ASSERT_TRUE(follower->pause("new"));
  EXPECT_EQ(models_->kept("balances").value().live()->paused, "new");
  // A stopped one takes what is live too, where somebody works with it.
  follower->stop();
  ASSERT_TRUE(models_->promote<balances>(1, {.backward = true}));
  EXPECT_EQ(follower->dead_letters().value().size(), 1U);
  EXPECT_EQ(follower->generation(), 1U);
}

TEST_F(promoted, one_of_another_version_stops_it_and_is_not_touched) {
  const auto follower = follow<balances>();
  wait_for(*follower, last_);
  auto newer = rebuilt<wider_balances>();
  promote<wider_balances>(2);
  newer.reset();
  const auto text = wait_for_failure(*follower);
  for (const auto* part : {"made by version 2 of balances, this program has version 1",
                           "start the program that has that version", "[projection.other_version]",
                           "or promote generation 1 again"})
    EXPECT_TRUE(has(text, part)) << text;
  EXPECT_FALSE(models_->kept("balances").value().live()->failed);
  deposit();
  EXPECT_FALSE(follower->wait_for(position::of(1, 1), 0ms));
  // Neither is kept: both can be.
  newer = models_->follow<wider_balances>(*journal_, quick()).value();
  wait_for(*newer, last_);
  newer.reset();
  EXPECT_FALSE(follower->wait_for(last_, 0ms));
  ASSERT_TRUE(models_->promote<balances>(1, {.backward = true}));
  EXPECT_TRUE(
      wait_until([&] { return follower->status().state != projection_state::failed; }, patience, 1ms));
  wait_for(*follower, last_);
  EXPECT_EQ(follower->generation(), 1U);
  EXPECT_EQ(balance("ada")->amount, 2);
}

TEST_F(promoted, a_follower_that_failed_goes_on_with_a_sound_one) {
  auto how = quick();
  how.dead_letters_most = 0;
  const auto follower = follow<balances>(how);
  writer_->append("bob", bank::OpenedT{.owner = std::string(600, 'x')});
  wait_for_failure(*follower);
  auto other = models_->rebuild<balances>(*journal_, quick()).value();
  deposit();
  wait_for(*other, last_);
  ASSERT_TRUE(other->skip({"account", "bob", 1}, "typed wrongly"));
  promote<balances>(2);
  other.reset();
  wait_for_state(*follower, projection_state::following);
  wait_for(*follower, last_);
  EXPECT_EQ(follower->status().dead_letters, 0U);
}

}  // namespace
}  // namespace quipu::test
