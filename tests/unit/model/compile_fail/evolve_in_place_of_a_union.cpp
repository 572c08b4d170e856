// expect: quipu: evolve takes the stored table of an event that holds a union
// of: OnlyT
#include <quipu/domain.hpp>

#include "shapes_quipu.hpp"

using namespace model_test;
using quipu::emit;
using quipu::reject;

struct basket {
  static constexpr std::string_view category = "basket";
  using state = BasketT;
  using commands = quipu::types<BeginT>;
  using events = quipu::types<OnlyT>;
  static quipu::decision<basket> decide(quipu::absent, const BeginT&, const quipu::context&) {
    return emit(OnlyT{});
  }
  static void evolve(state& b, const Only&) { ++b.events; }
};

const auto shop = quipu::domain{"shop", quipu::entities<basket>};
