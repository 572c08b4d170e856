/// What is in each open account, and who owns which.
#pragma once

#include <quipu/projections/projection.hpp>

#include <string>
#include <string_view>

#include "account.hpp"
#include "read_models_quipu.hpp"

namespace samples {

struct balances {
  static constexpr std::string_view name = "balances";
  static constexpr int version = 1;
  using entities = quipu::types<account>;
  using events = quipu::types<bank::OpenedT, bank::DepositedT, bank::WithdrawnT, bank::ClosedT>;
  using accounts =
      quipu::table<"accounts", std::string, bank::BalanceRowT, quipu::by<"owner", &bank::BalanceRowT::owner>>;
  using tables = quipu::tables<accounts>;

  static void on(const bank::OpenedT& e, const quipu::envelope& from, tables& t) {
    t.put<accounts>(from.key, {.owner = e.owner});
  }
  static void on(const bank::DepositedT& e, const quipu::envelope& from, tables& t) {
    t.update<accounts>(from.key, [&](auto& row) { row.amount += e.amount; });
  }
  static void on(const bank::WithdrawnT& e, const quipu::envelope& from, tables& t) {
    t.update<accounts>(from.key, [&](auto& row) { row.amount -= e.amount; });
  }
  static void on(const bank::ClosedT&, const quipu::envelope& from, tables& t) {
    t.erase<accounts>(from.key);
  }
};

}  // namespace samples
