/// What is held of one symbol, and what it cost: the sum of its fills. Never beyond the limits below.
#pragma once

#include <quipu/decision.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "trading_quipu.hpp"

namespace samples {

using quipu::emit;
using quipu::reject;

struct position {
  static constexpr std::string_view category = "position";
  static constexpr int state_version = 1;
  using state = trading::PositionT;
  using commands = quipu::types<trading::ExecuteT>;
  using events = quipu::types<trading::ExecutedT>;
  template <class R = quipu::none>
  using decision = quipu::decision<position, R>;

  static constexpr std::int64_t most_quantity = 1'000'000'000;
  static constexpr std::int64_t most_price = 1'000'000'000;
  static constexpr std::int64_t most_cash = most_quantity * most_price;

  static trading::StandingT standing(const state& p) { return {.quantity = p.quantity, .cash = p.cash}; }

  // The first execution begins the position: both overloads decide alike.
  static decision<trading::StandingT> decide(quipu::absent, const trading::ExecuteT& c,
                                             const quipu::context&) {
    return execute({}, c);
  }
  static decision<trading::StandingT> decide(const state& p, const trading::ExecuteT& c,
                                             const quipu::context&) {
    return execute(p, c);
  }

  /// Takes the stored event itself (trading::Executed, without the T), and not an object that was unpacked from it:
  /// the fills are read where they lie, and the order's name is never copied.
  static void evolve(state& p, const trading::Executed& e) {
    for (const trading::Fill* fill : *e.fills()) book(p, *fill);
  }

 private:
  static void book(state& p, const trading::Fill& fill) {
    p.quantity += fill.quantity();
    p.cash -= fill.quantity() * fill.price();
    p.last_price = fill.price();
    ++p.fills;
  }

  static decision<trading::StandingT> execute(state after, const trading::ExecuteT& c) {
    if (c.fills.empty()) return reject("no_fills");
    for (const auto& fill : c.fills) {
      if (fill.price() <= 0 || fill.price() > most_price) return reject("price_out_of_range");
      if (fill.quantity() == 0 || fill.quantity() > most_quantity || fill.quantity() < -most_quantity)
        return reject("quantity_out_of_range");
      book(after, fill);
      if (std::abs(after.quantity) > most_quantity || std::abs(after.cash) > most_cash)
        return reject("limit_exceeded");
    }
    return emit(trading::ExecutedT{.order = c.order, .fills = c.fills}).reply(standing);
  }
};

}  // namespace samples
