// The test kit without any framework. `plain_main_test wrong` shows what a failure looks like.
#include <quipu/testing.hpp>

#include <cstdio>

#include "basket.hpp"

using namespace model_test;
using quipu::testing::given;

int main(int argc, char**) try {
  given<basket>()
      .when(BeginT{.note = "mine"})
      .then({BeganT{.note = "mine"}})
      .replies({.lines = -1, .events = -1});
  given<basket>({BeganT{}}).when(TakeT{}).rejects("empty");
  if (argc > 1) given<basket>().when(BeginT{.note = "mine"}).then({BeganT{.note = "yours"}});
  return 0;
} catch (const quipu::testing::failure& failed) {
  std::fprintf(stderr, "%s\n", failed.what());
  return 1;
}
