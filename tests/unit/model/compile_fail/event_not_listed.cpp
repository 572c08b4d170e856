// expect: quipu: an event is emitted that the entity's `events` do not list
// of: EmptiedT
#include <quipu/domain.hpp>

#include "shapes_quipu.hpp"

using namespace model_test;
using quipu::emit;
using quipu::reject;

struct basket {
  static constexpr std::string_view category = "basket";
  using state = BasketT;
  using commands = quipu::types<BeginT>;
  using events = quipu::types<BeganT>;
  static quipu::decision<basket> decide(quipu::absent, const BeginT&, const quipu::context&) {
    return emit(BeganT{}).emit(EmptiedT{});
  }
  static void evolve(state& b, const BeganT& e) { b.note = e.note; }
};

const auto shop = quipu::domain{"shop", quipu::entities<basket>};
