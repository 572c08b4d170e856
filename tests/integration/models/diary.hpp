/// A projection with every kind of key, which has no ink for a deposit of 13 until the file named by DIARY_INK is there.
#pragma once

#include <quipu/projections/descending.hpp>
#include <quipu/projections/projection.hpp>

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <tuple>

#include <unistd.h>

#include "account.hpp"
#include "read_models_quipu.hpp"

namespace quipu::test {

struct diary {
  static quipu::descending<std::int64_t> most(const bank::BalanceRowT& row) { return {row.amount}; }

  static constexpr std::string_view name = "diary";
  static constexpr int version = 1;
  using entities = quipu::types<samples::account>;
  using events = quipu::types<bank::OpenedT, bank::DepositedT>;
  using people = quipu::table<"people", std::string, bank::BalanceRowT,
                              quipu::by<"owner", &bank::BalanceRowT::owner>, quipu::by<"amount", most>>;
  using hours = quipu::table<"hours", std::tuple<std::string, std::uint8_t>, bank::BalanceRowT>;
  using lines = quipu::table<"lines", quipu::event_key, bank::StatementRowT>;
  using tables = quipu::tables<people, hours, lines>;

  static void on(const bank::OpenedT& e, const quipu::envelope& from, tables& t) {
    t.put<people>(from.key, {.owner = e.owner});
  }
  static void on(const bank::DepositedT& e, const quipu::envelope& from, tables& t) {
    const char* ink = std::getenv("DIARY_INK");  // NOLINT(concurrency-mt-unsafe)
    if (e.amount == 13 && (ink == nullptr || ::access(ink, F_OK) != 0))
      throw std::runtime_error("no ink for 13 \x1b[31m");
    t.update<people>(from.key, [&](auto& row) { row.amount += e.amount; });
    t.put<hours>({std::string(from.key), static_cast<std::uint8_t>(e.amount % 24)}, {.amount = e.amount});
    t.put<lines>(from.id(), {.what = "deposited", .amount = e.amount});
  }
};

}  // namespace quipu::test
