/// Every movement of every account, a row an event, keyed by the event's id: an account's lie together and in order.
#pragma once

#include <quipu/projections/projection.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "account.hpp"
#include "read_models_quipu.hpp"

namespace samples {

struct statement {
  static constexpr std::string_view name = "statement";
  static constexpr int version = 1;
  using entities = quipu::types<account>;
  using events = quipu::types<bank::OpenedT, bank::DepositedT, bank::WithdrawnT, bank::ClosedT,
                              bank::TransferSentT, bank::TransferReceivedT, bank::TransferRefundedT>;
  using lines = quipu::table<"lines", quipu::event_key, bank::StatementRowT>;
  using tables = quipu::tables<lines>;

  static void on(const bank::OpenedT&, const quipu::envelope& from, tables& t) { add("opened", 0, from, t); }
  static void on(const bank::DepositedT& e, const quipu::envelope& from, tables& t) {
    add("deposited", e.amount, from, t);
  }
  static void on(const bank::WithdrawnT& e, const quipu::envelope& from, tables& t) {
    add("withdrawn", -e.amount, from, t);
  }
  static void on(const bank::TransferSentT& e, const quipu::envelope& from, tables& t) {
    add("sent to " + e.to, -e.amount, from, t);
  }
  static void on(const bank::TransferReceivedT& e, const quipu::envelope& from, tables& t) {
    add("received from " + e.from, e.amount, from, t);
  }
  static void on(const bank::TransferRefundedT& e, const quipu::envelope& from, tables& t) {
    add("back from " + e.to, e.amount, from, t);
  }
  static void on(const bank::ClosedT&, const quipu::envelope& from, tables& t) { add("closed", 0, from, t); }

 private:
  static void add(std::string what, std::int64_t amount, const quipu::envelope& from, tables& t) {
    t.put<lines>(from.id(),
                 {.what = std::move(what), .amount = amount, .time = from.time.time_since_epoch().count()});
  }
};

}  // namespace samples
