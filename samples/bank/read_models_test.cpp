#include <gtest/gtest.h>
#include <quipu/projections/testing.hpp>

#include <string>
#include <vector>

#include "balances.hpp"
#include "statement.hpp"

namespace samples {
namespace {

using quipu::testing::given;
using quipu::testing::of;

TEST(balances, are_what_came_in_without_what_went_out) {
  given<balances>(
      {bank::OpenedT{.owner = "ada"}, bank::DepositedT{.amount = 70}, bank::WithdrawnT{.amount = 20}})
      .holds("test", {.owner = "ada", .amount = 50})
      .lacks("other");
}

TEST(balances, follow_transfers) {
  given<balances>({of("a", bank::OpenedT{.owner = "ada"}), of("b", bank::OpenedT{.owner = "bob"}),
                   of("a", bank::DepositedT{.amount = 70}),
                   of("a", bank::TransferSentT{.to = "b", .amount = 50}),
                   of("b", bank::TransferReceivedT{.from = "a", .amount = 50}),
                   of("b", bank::TransferSentT{.to = "c", .amount = 5}),
                   of("b", bank::TransferRefundedT{.to = "c", .amount = 5})})
      .holds("a", {.owner = "ada", .amount = 20})
      .holds("b", {.owner = "bob", .amount = 50});
}

TEST(balances, forget_a_closed_account_and_begin_it_again) {
  auto closed = given<balances>({bank::OpenedT{.owner = "ada"}, bank::ClosedT{}});
  closed.lacks("test");
  closed.also({bank::OpenedT{.owner = "bob"}, bank::DepositedT{.amount = 1}})
      .holds("test", {.owner = "bob", .amount = 1});
}

TEST(balances, are_found_by_owner) {
  auto rows =
      given<balances>({of("a1", bank::OpenedT{.owner = "ada"}), of("b1", bank::OpenedT{.owner = "bob"}),
                       of("a2", bank::OpenedT{.owner = "ada"}), of("a3", bank::OpenedT{.owner = "adam"}),
                       of("a1", bank::ClosedT{})});
  const auto of_ada = rows.look([](const balances::tables& t) {
    std::vector<std::string> found;
    t.find<balances::accounts, "owner">(
        "ada", [&](const std::string& key, const bank::BalanceRowT&) { found.push_back(key); });
    return found;
  });
  EXPECT_EQ(of_ada, std::vector<std::string>{"a2"});
}

TEST(balances, what_does_not_hold_is_shown) {
  try {
    given<balances>({bank::OpenedT{.owner = "ada"}}).holds("test", {.owner = "ada", .amount = 1});
    FAIL() << "it holds";
  } catch (const quipu::testing::failure& found) {
    EXPECT_NE(std::string(found.what()).find("- "), std::string::npos) << found.what();
    EXPECT_NE(std::string(found.what()).find("amount"), std::string::npos) << found.what();
  }
}

TEST(statement, names_the_other_side_of_a_transfer) {
  auto rows = given<statement>({bank::TransferSentT{.to = "b", .amount = 50},
                                bank::TransferRefundedT{.to = "b", .amount = 50},
                                bank::TransferReceivedT{.from = "c", .amount = 1}});
  EXPECT_EQ(rows.row({"account", "test", 1})->what, "sent to b");
  EXPECT_EQ(rows.row({"account", "test", 1})->amount, -50);
  EXPECT_EQ(rows.row({"account", "test", 2})->what, "back from b");
  EXPECT_EQ(rows.row({"account", "test", 3})->what, "received from c");
}

TEST(statement, has_a_line_an_event_in_order) {
  auto rows =
      given<statement>({of("a", bank::OpenedT{.owner = "ada"}), of("b", bank::OpenedT{.owner = "bob"}),
                        of("a", bank::DepositedT{.amount = 7}), of("a", bank::WithdrawnT{.amount = 2})});
  std::vector<std::int64_t> amounts;
  rows.look([&](const statement::tables& t) {
    t.scan<statement::lines>({"account", "a", 0},
                             [&](const quipu::event_key& key, const bank::StatementRowT& line) {
                               if (key.key != "a") return false;
                               amounts.push_back(line.amount);
                               return true;
                             });
  });
  EXPECT_EQ(amounts, (std::vector<std::int64_t>{0, 7, -2}));
  EXPECT_EQ(rows.row({"account", "a", 2})->what, "deposited");
}

}  // namespace
}  // namespace samples
