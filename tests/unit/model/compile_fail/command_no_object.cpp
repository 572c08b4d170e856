// expect: quipu: a command is no FlatBuffers object
// of: Begin
#include <quipu/domain.hpp>

#include "shapes_quipu.hpp"

using namespace model_test;
using quipu::emit;
using quipu::reject;

struct basket {
  static constexpr std::string_view category = "basket";
  using state = BasketT;
  using commands = quipu::types<Begin>;
  using events = quipu::types<BeganT>;
  static quipu::decision<basket> decide(quipu::absent, const BeginT&, const quipu::context&) {
    return emit(BeganT{});
  }
  static void evolve(state& b, const BeganT& e) { b.note = e.note; }
};

const auto shop = quipu::domain{"shop", quipu::entities<basket>};
