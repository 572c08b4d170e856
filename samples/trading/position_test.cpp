#include "position.hpp"

#include <gtest/gtest.h>
#include <quipu/testing.hpp>

namespace samples {
namespace {

using quipu::testing::given;
using trading::ExecutedT;
using trading::ExecuteT;
using trading::Fill;

TEST(position, is_the_sum_of_its_fills) {
  given<position>()
      .when(ExecuteT{.order = "o-1", .fills = {Fill(10, 5), Fill(20, 6)}})
      .then({ExecutedT{.order = "o-1", .fills = {Fill(10, 5), Fill(20, 6)}}})
      .replies({.quantity = 30, .cash = -170});
  given<position>({ExecutedT{.order = "o-1", .fills = {Fill(10, 5)}}})
      .when(ExecuteT{.order = "o-2", .fills = {Fill(-25, 8)}})
      .leaves({.quantity = -15, .cash = 150, .fills = 2, .last_price = 8});
}

TEST(position, takes_an_execution_as_a_whole_or_not_at_all) {
  const auto empty = given<position>();
  empty.when(ExecuteT{.order = "o"}).rejects("no_fills");
  empty.when(ExecuteT{.order = "o", .fills = {Fill(1, 1), Fill(0, 1)}}).rejects("quantity_out_of_range");
  empty.when(ExecuteT{.order = "o", .fills = {Fill(1, 1), Fill(1, 0)}}).rejects("price_out_of_range");
  empty.when(ExecuteT{.order = "o", .fills = {Fill(INT64_MIN, 1)}}).rejects("quantity_out_of_range");
}

TEST(position, stays_within_its_limits) {
  const auto full = given<position>({ExecutedT{.order = "o", .fills = {Fill(position::most_quantity, 1)}}});
  full.when(ExecuteT{.order = "o", .fills = {Fill(1, 1)}}).rejects("limit_exceeded");
  full.when(ExecuteT{.order = "o", .fills = {Fill(-1, 1), Fill(1, 1)}}).accepts();
}

}  // namespace
}  // namespace samples
