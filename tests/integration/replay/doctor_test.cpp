// What `quipu doctor` says of the read models of a directory.
#include <algorithm>

#include "replay_fixture.hpp"

namespace quipu::test {
namespace {

class examined : public replay_fixture {
 protected:
  void SetUp() override {
    open_embedded();
    fill(5);
  }
  std::vector<json> findings(int code, arguments more = {}) const {
    more.insert(more.begin(), {"doctor", url_, "--directory", directory_.path().string(), "--json"});
    const auto done = run(command(more));
    EXPECT_EQ(done.code, code) << done.out << done.err;
    return objects(done.out);
  }
  static void expect(const std::vector<json>& all, std::string_view level, std::string_view says) {
    const bool there = std::ranges::any_of(all, [&](const json& one) {
      return one.at("level") == level && has(one.at("what").get<std::string>(), says);
    });
    EXPECT_TRUE(there) << says << "\n" << json(all).dump(1);
  }
};

TEST_F(examined, read_models_that_have_all_are_well) {
  follow_once();
  const auto all = findings(0, {"--module", QUIPU_BANK_MODULE});
  expect(all, "ok", "balances: has all that the journal holds");
  expect(all, "ok", "statement: has all that the journal holds");
  expect(all, "ok", "knows all event types");
  expect(all, "ok", "read models ");
}

TEST_F(examined, lag_a_pause_and_what_nobody_keeps_are_told_with_their_cures) {
  follow_once();
  ASSERT_EQ(projection({"pause", "balances", "--reason", "the disk is moved"}).code, 0);
  expect(findings(0), "note", "balances: paused: the disk is moved");
  writer_->append("a0", bank::DepositedT{.amount = 1});
  const auto all = findings(1);
  expect(all, "care", "statement: about 1 events and ");
  expect(all, "care", "and nobody keeps it");
}

TEST_F(examined, a_failed_projection_and_a_strange_event_need_care) {
  const auto keeper = follow<samples::balances>();
  auto strange = written_event::of(bank::OpenedT{});
  strange.type.name = "bank.Audited";
  writer_->append({{"a0", {strange}}});
  wait_for_failure(*keeper);
  const auto all = findings(1, {"--module", QUIPU_BANK_MODULE});
  expect(all, "care", "balances: failed: ");
  expect(all, "care", "the module does not know bank.Audited, of which there are 1 events");
}

TEST_F(examined, rows_of_another_journal_need_care) {
  follow_once();
  const auto other = "lmdb:" + (directory_ / "other").string();
  ASSERT_TRUE(journal::create(other, {}));
  url_ = other;
  expect(findings(1), "care", "balances: follows another journal");
}

}  // namespace
}  // namespace quipu::test
