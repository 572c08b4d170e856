// expect: quipu: a reaction sends a command that the entity's `commands` do not list
// of: OpenedT
#include "prelude.hpp"

struct transfers_target {  // so that the message has the name of the file
  static constexpr std::string_view category = "target";
  using state = bank::AccountT;
  using commands = quipu::types<bank::CreditT>;
  using events = quipu::types<bank::TransferReceivedT>;
  static quipu::decision<transfers_target> decide(const state&, const bank::CreditT& c,
                                                  const quipu::context&) {
    return quipu::emit(bank::TransferReceivedT{.from = c.from, .amount = c.amount});
  }
  static void evolve(state& a, const bank::TransferReceivedT& e) { a.balance += e.amount; }
};

struct transfers {
  static constexpr std::string_view name = "transfers";
  using entities = quipu::types<samples::account>;
  using events = quipu::types<bank::TransferSentT>;
  static void on(const bank::TransferSentT& e, const quipu::envelope&, quipu::commands& out) {
    out.send<transfers_target>(e.to, bank::OpenedT{});
  }
};
