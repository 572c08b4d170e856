/// A counter that begins with what is first added.
#pragma once

#include <quipu/decision.hpp>
#include <quipu/domain.hpp>

#include "counter_quipu.hpp"

struct counter {
  static constexpr std::string_view category = "counter";
  using state = counting::CounterT;
  using commands = quipu::types<counting::AddT>;
  using events = quipu::types<counting::AddedT>;
  using decision = quipu::decision<counter, counting::TotalT>;

  static decision add(const counting::AddT& c) {
    return quipu::emit(counting::AddedT{.amount = c.amount}).reply([](const state& s) {
      return counting::TotalT{.amount = s.amount};
    });
  }
  static decision decide(quipu::absent, const counting::AddT& c, const quipu::context&) { return add(c); }
  static decision decide(const state&, const counting::AddT& c, const quipu::context&) { return add(c); }
  static void evolve(state& s, const counting::AddedT& e) { s.amount += e.amount; }
};

inline quipu::domain counters() { return quipu::domain{"counters", quipu::entities<counter>}; }
