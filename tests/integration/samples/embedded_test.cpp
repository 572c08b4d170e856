/// The small samples as people start them, on the embedded journal: what they print is what they are for.
#include <gtest/gtest.h>

#include <string>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::test {
namespace {

void expect_in(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "\"" << part << "\" is not in\n" << text;
}

TEST(embedded_samples, an_order_lives_ends_and_begins_again) {
  const temporary_directory here;
  const auto first = run({QUIPU_ORDERS, here / "orders"});
  ASSERT_EQ(first.code, 0) << first.err;
  expect_in(first.out, "place              done, event 3\n");
  expect_in(first.out, "pay, by another    rejected: another_tenant\n");
  expect_in(first.out, "pay too little     rejected: wrong_amount\n");
  expect_in(first.out, "deliver            done, event 6\n");
  expect_in(first.out, "pay what ended     rejected: not_found\n");
  expect_in(first.out, "place again        done, event 9\n");
  const auto second = run({QUIPU_ORDERS, here / "orders"});
  ASSERT_EQ(second.code, 0) << second.err;
  expect_in(second.out, "place              done, event 13\n");

  const auto stored =
      run({QUIPU_TOOL, "journal", "cat", "lmdb:" + (here / "orders" / "journal").string(), "--json"});
  ASSERT_EQ(stored.code, 0) << stored.err;
  expect_in(stored.out, "north");
  expect_in(stored.out, "ada");
}

// The program itself counts the hot symbol's fills, over its own lives too.
TEST(embedded_samples, a_hot_symbol_gets_every_fill) {
  const temporary_directory here;
  for (int life = 0; life < 2; ++life) {
    const auto ran = run({QUIPU_TRADING, here / "trading"});
    ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
    expect_in(ran.out, "spread over 1000 symbols");
    expect_in(ran.out, "the hot symbol has 90000 more fills\n");
  }
}

}  // namespace
}  // namespace quipu::test
