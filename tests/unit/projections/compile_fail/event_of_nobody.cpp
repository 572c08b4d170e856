// expect: quipu: the projection wants an event that none of its `entities` lists
// of: BalanceT
#include "prelude.hpp"

struct sums {
  static constexpr std::string_view name = "sums";
  using entities = quipu::types<samples::account>;
  using events = quipu::types<bank::BalanceT>;
  using accounts = quipu::table<"accounts", std::string, bank::BalanceRowT>;
  using tables = quipu::tables<accounts>;
  static void on(const bank::BalanceT&, const quipu::envelope&, tables&) {}
};

const auto& type = quipu::projection_type_of<sums>();
