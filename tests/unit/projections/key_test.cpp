// Keys as bytes: their order is the keys' own, and they come back as they were.
#include <gtest/gtest.h>
#include <quipu/projections/descending.hpp>
#include <quipu/projections/key.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "support/seed.hpp"

namespace quipu::test {
namespace {

template <class K>
std::string encoded(const K& key) {
  std::string out;
  model::encode_key<K>(key, out);
  return out;
}

template <class K>
void expect_order_and_return(std::vector<K> keys) {
  for (const auto& key : keys) EXPECT_EQ(model::decode_key<K>(encoded(key)), key);
  for (const auto& a : keys)
    for (const auto& b : keys) EXPECT_EQ(a < b, encoded(a) < encoded(b));
}

TEST(keys, numbers_are_in_order) {
  using limits = std::numeric_limits<std::int64_t>;
  expect_order_and_return<std::int64_t>({0, 1, -1, 255, 256, -256, limits::min(), limits::max()});
  expect_order_and_return<std::uint64_t>({0, 1, 255, 256, std::numeric_limits<std::uint64_t>::max()});
  expect_order_and_return<std::uint8_t>({0, 1, 127, 128, 255});
  expect_order_and_return<std::int16_t>({0, 1, -1, 127, 128, -32768, 32767});
  EXPECT_LT(encoded(false), encoded(true));
}

TEST(keys, descending_numbers_begin_with_the_greatest) {
  using number = descending<std::int64_t>;
  using limits = std::numeric_limits<std::int64_t>;
  expect_order_and_return<number>({{0}, {1}, {-1}, {255}, {256}, {-256}, {limits::min()}, {limits::max()}});
  EXPECT_LT(encoded(number{2}), encoded(number{1}));
  expect_order_and_return<std::tuple<descending<std::uint8_t>, std::string>>(
      {{{255}, "a"}, {{7}, "a"}, {{7}, "b"}, {{0}, ""}});
}

TEST(keys, tuples_are_in_order_whatever_is_in_their_texts) {
  using key = std::tuple<std::string, std::int32_t, std::string>;
  auto random = random_source();
  const auto text = [&] {
    std::string made(between(random, 0, 3), '\0');
    for (auto& c : made) c = "\0\x01z\xff"[between(random, 0, 3)];
    return made;
  };
  std::vector<key> keys;
  for (int i = 0; i < 60; ++i)
    keys.emplace_back(text(), static_cast<std::int32_t>(between(random, 0, 4)) - 2, text());
  // Bytes compare as unsigned.
  const auto less = [](const std::string& a, const std::string& b) { return a.compare(b) < 0; };
  for (const auto& a : keys) {
    EXPECT_EQ(model::decode_key<key>(encoded(a)), a);
    for (const auto& b : keys) EXPECT_EQ(a < b, less(encoded(a), encoded(b)));
  }
}

TEST(keys, events_of_an_entity_lie_together_in_their_order) {
  const event_key a{"account", "a", 2};
  const event_key later{"account", "a", 300};
  const event_key other{"account", "ab", 1};
  EXPECT_LT(encoded(a), encoded(later));
  EXPECT_LT(encoded(later), encoded(other));
  const event_key longest{std::string(64, 'c'), std::string(255, '\0'), ~std::uint64_t{0}};
  EXPECT_EQ(model::decode_key<event_key>(encoded(longest)), longest);
}

TEST(keys, what_does_not_fit_is_refused) {
  EXPECT_THROW(encoded(std::string(512, 'x')), std::length_error);
  EXPECT_THROW(encoded(std::string()), std::length_error);
  EXPECT_THROW(model::decode_key<std::uint64_t>("short"), std::runtime_error);
  EXPECT_THROW(model::decode_key<event_key>("account"), std::runtime_error);
  EXPECT_THROW(model::decode_key<event_key>("account/\x05"
                                            "ab"),
               std::runtime_error);
}

}  // namespace
}  // namespace quipu::test
