// expect: quipu: the row of a table is no FlatBuffers object
// of: int
#include "prelude.hpp"

struct sums {
  static constexpr std::string_view name = "sums";
  using entities = quipu::types<samples::account>;
  using events = quipu::types<bank::DepositedT>;
  using accounts = quipu::table<"accounts", std::string, int>;
  using tables = quipu::tables<accounts>;
  static void on(const bank::DepositedT&, const quipu::envelope&, tables&) {}
};

const auto& type = quipu::projection_type_of<sums>();
