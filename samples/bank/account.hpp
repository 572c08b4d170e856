/// An account: what is in it is never negative, and never more than an int64 holds.
#pragma once

#include <quipu/decision.hpp>
#include <quipu/journal/record.hpp>

#include <cstdint>
#include <limits>
#include <string_view>

#include "bank_quipu.hpp"

namespace samples {

using quipu::emit;
using quipu::reject;

struct account {
  static constexpr std::string_view category = "account";
  static constexpr int state_version = 1;
  using state = bank::AccountT;
  using commands = quipu::types<bank::OpenT, bank::DepositT, bank::WithdrawT, bank::CloseT, bank::TransferT,
                                bank::CreditT, bank::RefundT>;
  using events = quipu::types<bank::OpenedT, bank::DepositedT, bank::WithdrawnT, bank::ClosedT,
                              bank::TransferSentT, bank::TransferReceivedT, bank::TransferRefundedT>;
  template <class R = quipu::none>
  using decision = quipu::decision<account, R>;

  static bank::BalanceT balance(const state& a) { return {.amount = a.balance}; }

  static decision<bank::BalanceT> decide(quipu::absent, const bank::OpenT& c, const quipu::context&) {
    if (c.owner.empty()) return reject("owner_missing");
    return emit(bank::OpenedT{.owner = c.owner}).reply(balance);
  }

  static decision<bank::BalanceT> decide(const state& a, const bank::DepositT& c, const quipu::context&) {
    if (c.amount <= 0) return reject("amount_not_positive");
    if (!has_room(a, c.amount)) return reject("balance_too_large");
    return emit(bank::DepositedT{.amount = c.amount}).reply(balance);
  }

  static decision<bank::BalanceT> decide(const state& a, const bank::WithdrawT& c, const quipu::context&) {
    if (c.amount <= 0) return reject("amount_not_positive");
    if (c.amount > a.balance) return reject("insufficient_funds");
    return emit(bank::WithdrawnT{.amount = c.amount}).reply(balance);
  }

  static decision<> decide(const state& a, const bank::CloseT&, const quipu::context&) {
    if (a.balance != 0) return reject("not_empty");
    return emit(bank::ClosedT{}).end();
  }

  // The money leaves at once, and is on its way until the receiver has it or it is back.
  static decision<bank::BalanceT> decide(const state& a, const bank::TransferT& c,
                                         const quipu::context& about) {
    if (c.amount <= 0) return reject("amount_not_positive");
    if (c.to == about.key()) return reject("same_account");
    if (!quipu::journal::valid_key(c.to)) return reject("receiver_invalid");
    if (c.amount > a.balance) return reject("insufficient_funds");
    return emit(bank::TransferSentT{.to = c.to, .amount = c.amount}).reply(balance);
  }

  static decision<> decide(const state& a, const bank::CreditT& c, const quipu::context&) {
    if (!has_room(a, c.amount)) return reject("balance_too_large");
    return emit(bank::TransferReceivedT{.from = c.from, .amount = c.amount});
  }

  // A sender that was closed or filled up meanwhile will not have it either: that is for people to look at.
  static decision<> decide(const state& a, const bank::RefundT& c, const quipu::context&) {
    if (!has_room(a, c.amount)) return reject("balance_too_large");
    return emit(bank::TransferRefundedT{.to = c.to, .amount = c.amount});
  }

  static void evolve(state& a, const bank::OpenedT& e) { a.owner = e.owner; }
  static void evolve(state& a, const bank::DepositedT& e) { a.balance += e.amount; }
  static void evolve(state& a, const bank::WithdrawnT& e) { a.balance -= e.amount; }
  static void evolve(state&, const bank::ClosedT&) {}
  static void evolve(state& a, const bank::TransferSentT& e) { a.balance -= e.amount; }
  static void evolve(state& a, const bank::TransferReceivedT& e) { a.balance += e.amount; }
  static void evolve(state& a, const bank::TransferRefundedT& e) { a.balance += e.amount; }

 private:
  static bool has_room(const state& a, std::int64_t amount) {
    return amount <= std::numeric_limits<std::int64_t>::max() - a.balance;
  }
};

}  // namespace samples
