// expect: quipu: the projection has no entities
// of: sums
#include "prelude.hpp"

struct sums {
  static constexpr std::string_view name = "sums";
  using events = quipu::types<bank::DepositedT>;
  using accounts = quipu::table<"accounts", std::string, bank::BalanceRowT>;
  using tables = quipu::tables<accounts>;
  static void on(const bank::DepositedT& e, const quipu::envelope& from, tables& t) {
    t.update<accounts>(from.key, [&](auto& row) { row.amount += e.amount; });
  }
};

const auto& type = quipu::projection_type_of<sums>();
