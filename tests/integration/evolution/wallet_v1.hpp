/// Version 1 of the wallet: what wrote journal_of_v1.txt.
#pragma once

#include <quipu/decision.hpp>
#include <quipu/domain.hpp>

#include "wallet_v1_quipu.hpp"

namespace evolution_test {

/// Of the one command that is asked again, years later.
inline constexpr quipu::command_id id_of_spend{0x019db9a8'0000'7000ULL, 0x8000'0000'0000'0001ULL};

struct wallet_v1 {
  static constexpr std::string_view category = "wallet";
  static constexpr int state_version = 1;
  using state = wallet::WalletT;
  using commands = quipu::types<wallet::FillT, wallet::SpendT>;
  using events = quipu::types<wallet::FilledT, wallet::TakenT>;

  static quipu::decision<wallet_v1> decide(quipu::absent, const wallet::FillT& c, const quipu::context&) {
    return quipu::emit(wallet::FilledT{.euros = c.euros});
  }
  static quipu::decision<wallet_v1> decide(const state&, const wallet::FillT& c, const quipu::context&) {
    return quipu::emit(wallet::FilledT{.euros = c.euros});
  }
  static quipu::decision<wallet_v1, wallet::TotalT> decide(const state& w, const wallet::SpendT& c,
                                                           const quipu::context&) {
    if (c.euros > w.euros) return quipu::reject("too_little");
    return quipu::emit(wallet::TakenT{.euros = c.euros}).reply([](const state& left) {
      return wallet::TotalT{.euros = left.euros};
    });
  }
  static void evolve(state& w, const wallet::FilledT& e) { w.euros += e.euros; }
  static void evolve(state& w, const wallet::TakenT& e) { w.euros -= e.euros; }
};

}  // namespace evolution_test
