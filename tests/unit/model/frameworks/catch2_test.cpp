// The test kit in Catch2, version 2 (Debian 12) and 3 (Debian 13).
#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <quipu/testing.hpp>

#include "basket.hpp"

using namespace model_test;
using quipu::testing::given;

TEST_CASE("a basket begins empty") {
  given<basket>()
      .when(BeginT{.note = "mine"})
      .then({BeganT{.note = "mine"}})
      .replies({.lines = -1, .events = -1});
  REQUIRE(given<basket>({BeganT{}}).when(PeekT{}).then({}).state().lines.empty());
}

TEST_CASE("nothing is taken from an empty basket") {
  given<basket>({BeganT{}}).when(TakeT{}).rejects("empty");
}

// Run by name only: it shows what a failure looks like.
TEST_CASE("a wrong expectation", "[.]") {
  given<basket>().when(BeginT{.note = "mine"}).then({BeganT{.note = "yours"}});
}
