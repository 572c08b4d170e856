// expect: quipu: the reaction has no events
// of: transfers
#include "prelude.hpp"

struct transfers {
  static constexpr std::string_view name = "transfers";
  using entities = quipu::types<samples::account>;
  static void on(const bank::TransferSentT& e, const quipu::envelope&, quipu::commands& out) {
    out.send<samples::account>(e.to, bank::CreditT{.amount = e.amount});
  }
};

const auto& type = quipu::reaction_type_of<transfers>();
