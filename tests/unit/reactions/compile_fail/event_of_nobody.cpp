// expect: quipu: the reaction wants an event that none of its `entities` lists
// of: BalanceT
#include "prelude.hpp"

struct transfers {
  static constexpr std::string_view name = "transfers";
  using entities = quipu::types<samples::account>;
  using events = quipu::types<bank::BalanceT>;
  static void on(const bank::BalanceT&, const quipu::envelope&, quipu::commands&) {}
};

const auto& type = quipu::reaction_type_of<transfers>();
