// expect: quipu: the reaction has no name
// of: transfers
#include "prelude.hpp"

struct transfers {
  using entities = quipu::types<samples::account>;
  using events = quipu::types<bank::TransferSentT>;
  static void on(const bank::TransferSentT& e, const quipu::envelope&, quipu::commands& out) {
    out.send<samples::account>(e.to, bank::CreditT{.amount = e.amount});
  }
};

const auto& type = quipu::reaction_type_of<transfers>();
