// What the bank's code cannot apply is named, and the rest is applied.
#include <nlohmann/json.hpp>

#include <sstream>

#include "projector_fixture.hpp"
#include "support/process.hpp"

namespace quipu::test {
namespace {

using nlohmann::json;

class verified_with_module : public projector_fixture {
 protected:
  verified_with_module() {
    open_journal(url_);
    for (journal::partition_id p = 0; p < journal_->about().partitions; ++p) writer_->append_claim(p);
  }
  /// Faults, and the summary.
  std::vector<json> verify(int code) {
    const auto done =
        run({QUIPU_PROGRAM, "journal", "verify", url_, "--json", "--module", QUIPU_BANK_MODULE});
    EXPECT_EQ(done.code, code) << done.out << done.err;
    std::istringstream in(done.out);
    std::vector<json> all;
    for (std::string line; std::getline(in, line);) all.push_back(json::parse(line));
    return all;
  }

  const std::string url_ = "lmdb:" + (directory_ / "j").string();
};

TEST_F(verified_with_module, all_is_applied_where_the_domain_knows_it) {
  writer_->append("a1", bank::OpenedT{.owner = "o"}, bank::DepositedT{.amount = 1});
  writer_->append({{.key = "x", .events = {written_event::of(bank::OpenedT{})}, .category = "other"}});
  const auto lines = verify(0);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].at("evolved_events"), 2);
  EXPECT_EQ(lines[0].at("passed_events"), 1);
}

TEST_F(verified_with_module, an_event_that_the_domain_does_not_know) {
  writer_->append("a1", bank::OpenedT{.owner = "o"}, bank::DepositedT{.amount = 1});
  const auto at = writer_->append("a1", bank::BalanceRowT{.owner = "no event"});
  writer_->append("a1", bank::DepositedT{.amount = 1});
  writer_->append("a2", bank::OpenedT{.owner = "o"});
  const auto lines = verify(1);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].at("fault"), "module");
  EXPECT_EQ(lines[0].at("code"), "event.unknown");
  EXPECT_EQ(lines[0].at("record"), at.record());
  EXPECT_EQ(lines[0].at("entity"), "account/a1");
  EXPECT_EQ(lines[0].at("sequence"), 3);
  EXPECT_EQ(lines[1].at("evolved_events"), 3);
  EXPECT_EQ(lines[1].at("passed_events"), 1);
}

}  // namespace
}  // namespace quipu::test
