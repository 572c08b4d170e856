/// Version 3 of the wallet: reads what versions 1 and 2 recorded.
#pragma once

#include <quipu/decision.hpp>
#include <quipu/domain.hpp>

#include "wallet_v3_quipu.hpp"

namespace evolution_test {

struct wallet_v3 {
  static constexpr std::string_view category = "wallet";
  static constexpr int state_version = 3;
  using state = wallet::WalletT;
  using commands = quipu::types<wallet::FillT, wallet::SpendT>;
  using events = quipu::types<wallet::Filled3T, wallet::SpentT>;
  using old_events = quipu::types<wallet::FilledT, wallet::Filled2T>;
  using renamed = quipu::types<quipu::was<wallet::SpentT, "wallet.Taken">>;

  static wallet::Filled2T upcast(const wallet::FilledT& e) { return {.cents = e.euros * 100}; }
  static wallet::Filled3T upcast(const wallet::Filled2T& e) { return {.cents = e.cents, .currency = "EUR"}; }

  static quipu::decision<wallet_v3> decide(quipu::absent, const wallet::FillT& c, const quipu::context&) {
    return quipu::emit(wallet::Filled3T{.cents = c.cents, .currency = c.currency});
  }
  static quipu::decision<wallet_v3> decide(const state& w, const wallet::FillT& c, const quipu::context&) {
    if (c.currency != w.currency) return quipu::reject("another_currency");
    return quipu::emit(wallet::Filled3T{.cents = c.cents, .currency = c.currency});
  }
  static quipu::decision<wallet_v3> decide(const state& w, const wallet::SpendT& c, const quipu::context&) {
    if (c.cents > w.cents) return quipu::reject("too_little");
    return quipu::emit(wallet::SpentT{.cents = c.cents});
  }
  static void evolve(state& w, const wallet::Filled3T& e) {
    w.cents += e.cents;
    w.currency = e.currency;
  }
  static void evolve(state& w, const wallet::SpentT& e) { w.cents -= e.cents + e.euros * 100; }
};

}  // namespace evolution_test
