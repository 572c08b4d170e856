/// The entity of these tests: it has every form that a decision can take.
#pragma once

#include <quipu/entity.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "shapes_quipu.hpp"

namespace model_test {

using quipu::emit;
using quipu::reject;

/// An order without a fault.
inline OrderT sound_order() {
  OrderT order;
  order.first = std::make_unique<LineT>();
  order.at = std::make_unique<Point>(1, 2);
  order.must.type = Extra::Note;
  order.must.value = new NoteT{};
  return order;
}

struct basket {
  static constexpr std::string_view category = "basket";
  static constexpr int state_version = 3;
  static constexpr quipu::port::repeat_window repeats{.count = 7, .age = std::chrono::seconds(9)};
  static constexpr std::chrono::hours time_to_live{24};
  using state = BasketT;
  using commands = quipu::types<BeginT, PutT, TakeT, RenewT, EndT, RollT, PeekT, BreakT>;
  using events = quipu::types<BeganT, AddedT, TakenT, EmptiedT, EndedT, RolledT, MarkedT>;
  template <class R = quipu::none>
  using decision = quipu::decision<basket, R>;

  static CountT count(const state& b) {
    return {.lines = static_cast<int>(b.lines.size()), .events = b.events};
  }
  static AddedT added(const LineT& line) {
    AddedT event;
    event.line = std::make_unique<LineT>(line);
    return event;
  }

  // Both overloads, and a ready value for a reply.
  static decision<CountT> decide(quipu::absent, const BeginT& c, const quipu::context&) {
    return emit(BeganT{.note = c.note}).reply(CountT{.lines = -1, .events = -1});
  }
  static decision<CountT> decide(const state& b, const BeginT&, const quipu::context&) {
    return quipu::reply(count(b));
  }
  // A loop; a function of the state.
  static decision<CountT> decide(const state&, const PutT& c, const quipu::context&) {
    decision<CountT> d;
    for (const auto& line : c.lines) d.emit(added(*line));
    d.reply(count);
    return d;
  }
  // A lambda that captures; several events in a chain.
  static decision<CountT> decide(const state& b, const TakeT& c, const quipu::context&) {
    if (b.lines.empty()) return reject("empty", "nothing to take");
    const int before = static_cast<int>(b.lines.size());
    return emit(TakenT{.article = c.article}).emit(EmptiedT{}).reply([before](const state& after) {
      return CountT{.lines = static_cast<int>(after.lines.size()) - before, .events = after.events};
    });
  }
  // Only while absent, without a reply.
  static decision<> decide(quipu::absent, const RenewT&, const quipu::context&) {
    return emit(BeganT{.note = "again"});
  }
  static decision<CountT> decide(const state&, const EndT&, const quipu::context&) {
    return emit(EndedT{}).end().reply(count);
  }
  static decision<> decide(const state&, const RollT&, const quipu::context& x) {
    auto random = x.random();
    return emit(RolledT{.value = random()});
  }
  static decision<> decide(const state&, const PeekT&, const quipu::context&) { return {}; }
  // What a domain may do wrong at run time.
  static decision<CountT> decide(const state&, const BreakT& c, const quipu::context&) {
    decision<CountT> d;
    if (c.how == "throw") throw std::runtime_error("out of luck");
    if (c.how == "no reply") return d.emit(EmptiedT{});
    if (c.how == "silent end") return d.end().reply(count);
    MarkedT marked;
    marked.lines.emplace_back();
    return emit(std::move(marked)).reply(count);
  }

  static void evolve(state& b, const BeganT& e) { b.note = e.note, b.tags = e.tags, ++b.events; }
  static void evolve(state& b, const AddedT& e) {
    b.lines.push_back(std::make_unique<LineT>(*e.line)), ++b.events;
  }
  static void evolve(state& b, const TakenT&) { b.lines.pop_back(), ++b.events; }
  static void evolve(state& b, const EmptiedT&) { b.lines.clear(), ++b.events; }
  static void evolve(state& b, const EndedT&) { ++b.events; }
  static void evolve(state& b, const RolledT& e) { b.rolled = e.value, ++b.events; }
  static void evolve(state& b, const MarkedT&) { ++b.events; }
};

}  // namespace model_test
