// expect: quipu: two tables of the projection have the same name
// of: sums
#include "prelude.hpp"

struct sums {
  static constexpr std::string_view name = "sums";
  using entities = quipu::types<samples::account>;
  using events = quipu::types<bank::DepositedT>;
  using by_name = quipu::table<"accounts", std::string, bank::BalanceRowT>;
  using by_number = quipu::table<"accounts", std::uint64_t, bank::BalanceRowT>;
  using tables = quipu::tables<by_name, by_number>;
  static void on(const bank::DepositedT&, const quipu::envelope&, tables&) {}
};

const auto& type = quipu::projection_type_of<sums>();
