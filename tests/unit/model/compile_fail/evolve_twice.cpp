// expect: quipu: an event has two evolves, one for its object and one for its stored table
// of: BeganT
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
    return emit(BeganT{});
  }
  static void evolve(state& b, const BeganT& e) { b.note = e.note; }
  static void evolve(state& b, const Began& e) { b.note = e.note()->str(); }
};

const auto shop = quipu::domain{"shop", quipu::entities<basket>};
