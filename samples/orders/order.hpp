/// An order, keyed by its number: placed, paid, shipped, and ended by its delivery or by being cancelled. A number
/// whose order has ended may be used again.
#pragma once

#include <quipu/decision.hpp>
#include <quipu/evolution.hpp>

#include <memory>
#include <string>
#include <string_view>

#include "orders_quipu.hpp"

namespace samples {

using quipu::emit;
using quipu::reject;

struct order {
  static constexpr std::string_view category = "order";
  static constexpr int state_version = 2;
  using state = shop::OrderT;
  using commands = quipu::types<shop::PlaceT, shop::PayT, shop::ShipT, shop::DeliverT, shop::CancelT>;
  using events = quipu::types<shop::PlacedT, shop::LineAdded2T, shop::PaidT, shop::ShippedT, shop::DeliveredT,
                              shop::CancelledT>;
  template <class R = quipu::none>
  using decision = quipu::decision<order, R>;

  // Version 1 recorded these; they are read as what they are today.
  using old_events = quipu::types<shop::LineAddedT>;
  static shop::LineAdded2T upcast(const shop::LineAddedT& e) {
    return {.article = e.article, .quantity = 1, .cents = e.euros * std::int64_t{100}};
  }

  static constexpr int most_pieces = 1'000;
  static constexpr std::int64_t most_cents = 1'000'000;

  static shop::TotalT total(const state& o) { return {.cents = o.cents}; }

  // Several events from one command: all of them become durable together, or none.
  static decision<shop::TotalT> decide(quipu::absent, const shop::PlaceT& c, const quipu::context& x) {
    // Headers come with the command and are stored with its commit.
    const auto tenant = x.header_value("tenant");
    if (tenant.empty()) return reject("tenant_missing", "send the header \"tenant\"");
    if (c.customer.empty()) return reject("customer_missing");
    if (c.lines.empty()) return reject("no_lines");
    decision<shop::TotalT> d;
    d.emit(shop::PlacedT{.customer = c.customer, .tenant = std::string(tenant)});
    for (const auto& line : c.lines) {
      if (line->quantity <= 0 || line->quantity > most_pieces)
        return reject("quantity_out_of_range", line->article + ": 1 to " + std::to_string(most_pieces));
      if (line->cents < 0 || line->cents > most_cents)
        return reject("price_out_of_range",
                      line->article + ": 0 to " + std::to_string(most_cents) + " cents");
      d.emit(shop::LineAdded2T{.article = line->article, .quantity = line->quantity, .cents = line->cents});
    }
    return d.reply(total);
  }

  static decision<> decide(const state& o, const shop::PayT& c, const quipu::context& x) {
    if (is_foreign(o, x)) return reject("another_tenant");
    if (o.stage != shop::Stage::placed) return reject("already_paid");
    if (c.cents != o.cents) return reject("wrong_amount", "it costs " + std::to_string(o.cents) + " cents");
    return emit(shop::PaidT{});
  }

  static decision<> decide(const state& o, const shop::ShipT& c, const quipu::context& x) {
    if (is_foreign(o, x)) return reject("another_tenant");
    if (o.stage == shop::Stage::placed) return reject("not_paid");
    if (o.stage == shop::Stage::shipped) return reject("already_shipped", "in parcel " + o.parcel);
    return emit(shop::ShippedT{.parcel = c.parcel});
  }

  // The end of a life: afterwards the order is absent, as if it had never been; its events stay.
  static decision<> decide(const state& o, const shop::DeliverT&, const quipu::context& x) {
    if (is_foreign(o, x)) return reject("another_tenant");
    if (o.stage != shop::Stage::shipped) return reject("not_shipped");
    return emit(shop::DeliveredT{}).end();
  }

  static decision<> decide(const state& o, const shop::CancelT& c, const quipu::context& x) {
    if (is_foreign(o, x)) return reject("another_tenant");
    if (o.stage == shop::Stage::shipped) return reject("already_shipped", "in parcel " + o.parcel);
    return emit(shop::CancelledT{.by = std::string(x.header_value("user")), .reason = c.reason}).end();
  }

  static void evolve(state& o, const shop::PlacedT& e) {
    o.customer = e.customer;
    o.tenant = e.tenant;
  }
  static void evolve(state& o, const shop::LineAdded2T& e) {
    o.cents += e.quantity * e.cents;
    o.lines.push_back(std::make_unique<shop::LineT>(
        shop::LineT{.article = e.article, .quantity = e.quantity, .cents = e.cents}));
  }
  static void evolve(state& o, const shop::PaidT&) { o.stage = shop::Stage::paid; }
  static void evolve(state& o, const shop::ShippedT& e) {
    o.stage = shop::Stage::shipped;
    o.parcel = e.parcel;
  }
  static void evolve(state&, const shop::DeliveredT&) {}
  static void evolve(state&, const shop::CancelledT&) {}

 private:
  static bool is_foreign(const state& o, const quipu::context& x) {
    return x.header_value("tenant") != o.tenant;
  }
};

}  // namespace samples
