#include "transfers.hpp"

#include <gtest/gtest.h>
#include <quipu/reactions/testing.hpp>

namespace samples {
namespace {

using quipu::testing::given;
using quipu::testing::of;
using quipu::testing::sent;

TEST(transfers, credit_the_receiver_or_refund_the_sender) {
  given<transfers>({of("ada", bank::TransferSentT{.to = "bob", .amount = 30})})
      .sends({sent<account>("bob", bank::CreditT{.from = "ada", .amount = 30})
                  .if_rejected<account>("ada", bank::RefundT{.to = "bob", .amount = 30})});
}

TEST(transfers, of_other_events_nothing_follows) {
  given<transfers>({bank::OpenedT{.owner = "ada"}, bank::DepositedT{.amount = 70}}).sends({});
}

TEST(transfers, what_does_not_hold_is_shown) {
  try {
    given<transfers>({of("ada", bank::TransferSentT{.to = "bob", .amount = 30})})
        .sends({sent<account>("bob", bank::CreditT{.from = "ada", .amount = 31})});
    FAIL() << "it holds";
  } catch (const quipu::testing::failure& found) {
    const std::string what = found.what();
    EXPECT_NE(what.find("account/bob"), std::string::npos) << what;
    EXPECT_NE(what.find("31"), std::string::npos) << what;
    EXPECT_NE(what.find("if rejected"), std::string::npos) << what;
  }
}

}  // namespace
}  // namespace samples
