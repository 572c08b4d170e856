#include "account.hpp"

#include <gtest/gtest.h>
#include <quipu/domain.hpp>
#include <quipu/testing.hpp>

namespace samples {
namespace {

using quipu::testing::given;

TEST(account, opens_empty_and_only_once) {
  given<account>()
      .when(bank::OpenT{.owner = "ada"})
      .then({bank::OpenedT{.owner = "ada"}})
      .replies({.amount = 0});
  given<account>().when(bank::OpenT{}).rejects("owner_missing");
  given<account>({bank::OpenedT{.owner = "ada"}}).when(bank::OpenT{.owner = "bob"}).rejects("exists");
}

TEST(account, takes_only_what_is_there) {
  const auto funded = given<account>({bank::OpenedT{.owner = "ada"}, bank::DepositedT{.amount = 70}});
  funded.when(bank::WithdrawT{.amount = 70}).then({bank::WithdrawnT{.amount = 70}}).replies({.amount = 0});
  funded.when(bank::WithdrawT{.amount = 71}).rejects("insufficient_funds");
  given<account>().when(bank::WithdrawT{.amount = 1}).rejects("not_found");
}

TEST(account, amounts_are_positive) {
  const auto open = given<account>({bank::OpenedT{.owner = "ada"}});
  for (const std::int64_t amount :
       {std::int64_t{0}, std::int64_t{-5}, std::numeric_limits<std::int64_t>::min()}) {
    open.when(bank::DepositT{.amount = amount}).rejects("amount_not_positive");
    open.when(bank::WithdrawT{.amount = amount}).rejects("amount_not_positive");
  }
}

TEST(account, does_not_overflow) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const auto full = given<account>({bank::OpenedT{.owner = "ada"}, bank::DepositedT{.amount = most}});
  full.when(bank::DepositT{.amount = 1}).rejects("balance_too_large");
  full.when(bank::WithdrawT{.amount = most}).replies({.amount = 0});
}

TEST(account, closes_when_empty_and_may_open_again) {
  given<account>({bank::OpenedT{.owner = "ada"}, bank::DepositedT{.amount = 1}})
      .when(bank::CloseT{})
      .rejects("not_empty");
  given<account>({bank::OpenedT{.owner = "ada"}}).when(bank::CloseT{}).then({bank::ClosedT{}}).ends();
  given<account>({bank::OpenedT{.owner = "ada"}, bank::ClosedT{}})
      .ended()
      .when(bank::OpenT{.owner = "bob"})
      .then({bank::OpenedT{.owner = "bob"}})
      .leaves({.owner = "bob", .balance = 0});
}

TEST(account, sends_what_is_there_to_another) {
  const auto funded = given<account>({bank::OpenedT{.owner = "ada"}, bank::DepositedT{.amount = 70}});
  funded.when(bank::TransferT{.to = "bob", .amount = 70})
      .then({bank::TransferSentT{.to = "bob", .amount = 70}})
      .replies({.amount = 0});
  funded.when(bank::TransferT{.to = "bob", .amount = 71}).rejects("insufficient_funds");
  funded.when(bank::TransferT{.to = "bob", .amount = 0}).rejects("amount_not_positive");
  funded.when(bank::TransferT{.to = "test", .amount = 1}).rejects("same_account");
  funded.when(bank::TransferT{.to = std::string(256, 'x'), .amount = 1}).rejects("receiver_invalid");
}

TEST(account, takes_what_others_sent_and_what_comes_back) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const auto open = given<account>({bank::OpenedT{.owner = "bob"}, bank::DepositedT{.amount = 1}});
  open.when(bank::CreditT{.from = "ada", .amount = 70})
      .then({bank::TransferReceivedT{.from = "ada", .amount = 70}})
      .leaves({.owner = "bob", .balance = 71});
  open.when(bank::RefundT{.to = "ada", .amount = 70})
      .then({bank::TransferRefundedT{.to = "ada", .amount = 70}});
  open.when(bank::CreditT{.from = "ada", .amount = most}).rejects("balance_too_large");
  open.when(bank::RefundT{.to = "ada", .amount = most}).rejects("balance_too_large");
  given<account>().when(bank::CreditT{.from = "ada", .amount = 70}).rejects("not_found");
}

TEST(account, is_served_by_a_domain) {
  const auto domain = quipu::domain{"bank", quipu::entities<account>};
  ASSERT_EQ(domain.entities().size(), 1U);
  EXPECT_EQ(domain.find("account"), &quipu::entity_type_of<account>());
}

}  // namespace
}  // namespace samples
