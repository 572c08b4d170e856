/// What is in each open account, and who owns which.
#pragma once

#include <quipu/projections/projection.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "account.hpp"
#include "read_models_quipu.hpp"

namespace samples {

struct balances {
  static constexpr std::string_view name = "balances";
  static constexpr int version = 1;
  using entities = quipu::types<account>;
  using events = quipu::types<bank::OpenedT, bank::DepositedT, bank::WithdrawnT, bank::ClosedT,
                              bank::TransferSentT, bank::TransferReceivedT, bank::TransferRefundedT>;
  using accounts =
      quipu::table<"accounts", std::string, bank::BalanceRowT, quipu::by<"owner", &bank::BalanceRowT::owner>>;
  using tables = quipu::tables<accounts>;

  static void on(const bank::OpenedT& e, const quipu::envelope& from, tables& t) {
    t.put<accounts>(from.key, {.owner = e.owner});
  }
  static void on(const bank::DepositedT& e, const quipu::envelope& from, tables& t) {
    add(e.amount, from, t);
  }
  static void on(const bank::WithdrawnT& e, const quipu::envelope& from, tables& t) {
    add(-e.amount, from, t);
  }
  static void on(const bank::TransferSentT& e, const quipu::envelope& from, tables& t) {
    add(-e.amount, from, t);
  }
  static void on(const bank::TransferReceivedT& e, const quipu::envelope& from, tables& t) {
    add(e.amount, from, t);
  }
  static void on(const bank::TransferRefundedT& e, const quipu::envelope& from, tables& t) {
    add(e.amount, from, t);
  }
  static void on(const bank::ClosedT&, const quipu::envelope& from, tables& t) {
    t.erase<accounts>(from.key);
  }

 private:
  static void add(std::int64_t amount, const quipu::envelope& from, tables& t) {
    t.update<accounts>(from.key, [&](auto& row) { row.amount += amount; });
  }
};

}  // namespace samples
