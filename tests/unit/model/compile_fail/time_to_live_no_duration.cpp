// expect: quipu: time_to_live is no duration in whole microseconds
#include <quipu/domain.hpp>

#include "shapes_quipu.hpp"

using namespace model_test;
using quipu::emit;
using quipu::reject;

struct basket {
  static constexpr std::string_view category = "basket";
  static constexpr int time_to_live = 24;
  using state = BasketT;
  using commands = quipu::types<BeginT, PeekT>;
  using events = quipu::types<BeganT>;
  static CountT count(const state& b) { return {.events = b.events}; }
  static quipu::decision<basket, CountT> decide(quipu::absent, const BeginT& c, const quipu::context&) {
    return emit(BeganT{.note = c.note}).reply(count);
  }
  static quipu::decision<basket> decide(const state&, const PeekT&, const quipu::context&) { return {}; }
  static void evolve(state& b, const BeganT& e) { b.note = e.note; }
};

const auto shop = quipu::domain{"shop", quipu::entities<basket>};
