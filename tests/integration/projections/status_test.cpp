// What a projection says of itself: its state, and one word for what it has still to do.
#include "projector_fixture.hpp"

#include <atomic>

#include "support/waiting.hpp"
#include "wrapped_journal.hpp"

namespace quipu::test {
namespace {

using samples::balances;

/// A journal that can be out of reach.
class distant_journal final : public wrapped_journal {
 public:
  using wrapped_journal::wrapped_journal;
  void go_away() { away_ = true; }
  void come_back() { away_ = false; }

  quipu::journal::result<quipu::journal::summary> summarize() override {
    if (away_) return no_way();
    return wrapped_journal::summarize();
  }

 protected:
  std::unique_ptr<quipu::journal::cursor> wrapped(std::unique_ptr<quipu::journal::cursor> real) override {
    return std::make_unique<distant_cursor>(*this, std::move(real));
  }

 private:
  class distant_cursor final : public quipu::journal::cursor {
   public:
    distant_cursor(distant_journal& of, std::unique_ptr<cursor> real) : of_(of), real_(std::move(real)) {}
    quipu::journal::result<std::optional<quipu::journal::stored_record>> next() override {
      if (of_.away_) return no_way();
      return real_->next();
    }

   private:
    distant_journal& of_;
    std::unique_ptr<cursor> real_;
  };
  static std::unexpected<quipu::journal::failure> no_way() {
    return quipu::journal::fail(error_code::server_unreachable, "the cable is cut");
  }

  std::atomic<bool> away_ = false;
};

class status : public projector_fixture {
 protected:
  void SetUp() override { open_journal("lmdb:" + (directory_ / "j").string()); }

  /// Of a projection that has one event that is `age` old, and fails at the next one.
  projection_status behind_by(std::chrono::seconds age) {
    writer_->set_time(
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()) - age);
    const auto first = writer_->append("ada", bank::OpenedT{.owner = "Ada"});
    auto unknown = written_event::of(bank::DepositedT{.amount = 1});
    unknown.type.name = "bank.Audited";
    writer_->append({{.key = "ada", .events = {unknown, unknown, unknown}}});
    const auto follower = follow<balances>();
    wait_for_failure(*follower);
    const auto now = follower->status();
    EXPECT_EQ(now.state, projection_state::failed);
    EXPECT_NE(now.text.find("bank.Audited"), std::string::npos) << now.text;
    EXPECT_EQ(now.position, first);
    EXPECT_EQ(now.head, first.record() + 1);
    EXPECT_GE(now.lag_events, 1U);
    EXPECT_GE(now.lag, age);
    return now;
  }
};

TEST_F(status, failed_and_low_up_to_a_minute_behind) { EXPECT_EQ(behind_by(5s).backlog, backlog_word::low); }

TEST_F(status, failed_and_high_beyond) { EXPECT_EQ(behind_by(61s).backlog, backlog_word::high); }

TEST_F(status, an_old_event_is_no_lag_where_it_was_the_last_one) {
  // Years between two events: what is not in effect has waited since the second, not since the first.
  const auto follower = follow<balances>();
  wait_for(*follower, writer_->append("ada", bank::OpenedT{.owner = "Ada"}));
  EXPECT_EQ(follower->status().lag, 0ms);
  ASSERT_TRUE(follower->pause("now"));
  writer_->append("ada", bank::DepositedT{.amount = 1});
  const auto now = follower->status();
  EXPECT_EQ(now.lag_events, 1U);
  EXPECT_LT(now.lag, patience);
  EXPECT_NE(now.backlog, backlog_word::high);
}

TEST_F(status, waiting_while_the_journal_is_out_of_reach_and_then_not) {
  distant_journal distant(*journal_);
  const auto follower = std::move(models_->follow<balances>(distant, quick()).value());
  const auto first = writer_->append("ada", bank::OpenedT{.owner = "Ada"});
  wait_for(*follower, first);
  distant.go_away();
  const auto second = writer_->append("ada", bank::DepositedT{.amount = 1});
  wait_until([&] { return follower->status().state == projection_state::waiting; }, patience, 1ms);
  const auto away = follower->status();
  EXPECT_EQ(away.state, projection_state::waiting);
  EXPECT_NE(away.text.find("the cable is cut"), std::string::npos) << away.text;
  EXPECT_EQ(away.head, 0U);  // nobody can tell
  EXPECT_EQ(away.position, first);
  distant.come_back();
  wait_for(*follower, second);
  const auto back = follower->status();
  EXPECT_EQ(back.state, projection_state::following);
  EXPECT_EQ(back.text, "");
  EXPECT_EQ(back.head, second.record());
  EXPECT_EQ(back.lag_events, 0U);
  EXPECT_EQ(back.backlog, backlog_word::ok);
}

}  // namespace
}  // namespace quipu::test
