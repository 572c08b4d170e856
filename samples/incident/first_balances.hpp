/// Balances as they were first written, with a mistake that no refund had shown until then.
#pragma once

#include "balances.hpp"

namespace samples {

struct first_balances : balances {
  static constexpr int version = 1;
  using balances::on;

  /// "What comes back is a deposit" was written when refunds came; that what was sent is put back was there already.
  static void on(const bank::TransferRefundedT& e, const quipu::envelope& from, tables& t) {
    balances::on(e, from, t);
    balances::on(bank::DepositedT{.amount = e.amount}, from, t);
  }
};

}  // namespace samples
