// expect: quipu: decide takes the state by value
// of: BeginT
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
  static quipu::decision<basket> decide(state, const BeginT&, const quipu::context&) {
    return emit(BeganT{});
  }
  static void evolve(state& b, const BeganT& e) { b.note = e.note; }
};

const auto shop = quipu::domain{"shop", quipu::entities<basket>};
