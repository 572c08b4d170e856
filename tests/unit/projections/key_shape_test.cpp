// Keys as text and back, by what a store says of them.
#include <gtest/gtest.h>
#include <quipu/projections/descending.hpp>
#include <quipu/projections/key_shape.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>

namespace quipu::test {
namespace {

template <class K>
std::string stored_bytes(const K& key) {
  std::string out;
  model::encode_key<K>(key, out);
  return out;
}

template <class K>
key_shape shape_of() {
  const auto words = model::key_shape_text<K>();
  auto shape = key_shape::parse(words);
  if (!shape) throw std::runtime_error("no shape: " + words);
  EXPECT_EQ(shape->words(), words);
  return *shape;
}

/// Its text is this, and both ways lead back.
template <class K>
void expect_text(const K& key, const std::string& text) {
  const auto shape = shape_of<K>();
  const auto bytes = stored_bytes(key);
  std::string_view rest = bytes;
  EXPECT_EQ(shape.text(rest, true), text);
  const auto stored = shape.stored(text, true);
  ASSERT_TRUE(stored) << stored.error();
  EXPECT_EQ(stored->bytes, bytes) << text;
  EXPECT_TRUE(stored->whole);
  // As a further key, with something behind it.
  std::string further;
  model::key_codec<K>::encode(key, further, false);
  EXPECT_EQ(shape.stored(text, false)->bytes, further);
  further += "behind";
  rest = further;
  EXPECT_EQ(shape.text(rest, false), text);
  EXPECT_EQ(rest, "behind");
}

TEST(key_shapes, are_words_for_every_kind_of_key) {
  EXPECT_EQ(shape_of<std::string>().words(), "text");
  EXPECT_EQ(shape_of<std::uint8_t>().words(), "u8");
  EXPECT_EQ(shape_of<std::int64_t>().words(), "i64");
  EXPECT_EQ(shape_of<descending<std::int32_t>>().words(), "descending i32");
  EXPECT_EQ((shape_of<std::tuple<event_key, std::tuple<std::string, bool>>>().words()),
            "(event, (text, u8))");
  for (const char* words : {"", "texts", "u", "u7", "u8 ", "(text", "(text,u8)", "()", "descending text"})
    EXPECT_FALSE(key_shape::parse(words)) << words;
}

TEST(key_shapes, lead_to_text_and_back) {
  expect_text(std::string("acc-17"), "acc-17");
  expect_text(std::string("a, (b)\\\n\xff\0c", 11), R"(a, (b)\x5c\x0a\xff\x00c)");
  expect_text(std::uint8_t{255}, "255");
  expect_text(std::int8_t{-128}, "-128");
  expect_text(std::numeric_limits<std::uint64_t>::max(), "18446744073709551615");
  expect_text(std::numeric_limits<std::int64_t>::min(), "-9223372036854775808");
  expect_text(descending<std::int64_t>{-5}, "-5");
  expect_text(descending<std::uint64_t>{7}, "7");
  expect_text(event_key{"account", "a@ (1)", 3}, "account/a@ (1)@3");
  expect_text(std::tuple(std::string("SFO"), std::uint8_t{7}), "(SFO, 7)");
  expect_text(std::tuple(std::string(" a, (b)"), std::string(), std::int16_t{-1}),
              R"((\x20a\x2c \x28b\x29, , -1))");
  expect_text(std::tuple(event_key{"account", "a,b", 3}, std::tuple(std::string("x\0y", 3), false)),
              R"((account/a\x2cb@3, (x\x00y, 0)))");
}

TEST(key_shapes, take_beginnings) {
  const auto pair = shape_of<std::tuple<std::string, std::uint8_t>>();
  const auto first = pair.stored("(SFO)", true);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->whole);
  EXPECT_TRUE(stored_bytes(std::tuple(std::string("SFO"), std::uint8_t{7})).starts_with(first->bytes));
  EXPECT_FALSE(stored_bytes(std::tuple(std::string("SFOX"), std::uint8_t{7})).starts_with(first->bytes));
  EXPECT_TRUE(stored_bytes(std::tuple(std::string("SFOX"), std::uint8_t{7}))
                  .starts_with(*pair.stored_prefix("(SFO)", true)));
  const auto event = shape_of<event_key>();
  EXPECT_TRUE(stored_bytes(event_key{"account", "a", 9}).starts_with(event.stored("account/a", true)->bytes));
  EXPECT_FALSE(
      stored_bytes(event_key{"account", "ab", 9}).starts_with(event.stored("account/a", true)->bytes));
  EXPECT_TRUE(stored_bytes(event_key{"account", "ab", 9}).starts_with(event.stored("account", true)->bytes));
  EXPECT_FALSE(shape_of<std::uint32_t>().stored_prefix("1", true));
}

TEST(key_shapes, name_what_is_wrong) {
  EXPECT_FALSE(shape_of<std::uint8_t>().stored("256", true));
  EXPECT_FALSE(shape_of<std::int8_t>().stored("-129", true));
  EXPECT_FALSE(shape_of<std::int8_t>().stored("128", true));
  EXPECT_FALSE(shape_of<std::uint8_t>().stored("-1", true));
  EXPECT_FALSE(shape_of<std::uint8_t>().stored("", true));
  EXPECT_FALSE(shape_of<std::string>().stored("a\\", true));
  EXPECT_FALSE(shape_of<std::string>().stored("a\\x0", true));
  EXPECT_FALSE(shape_of<event_key>().stored("A/b@1", true));
  EXPECT_FALSE((shape_of<std::tuple<std::string, std::string>>().stored("(a, b, c)", true)));
  EXPECT_FALSE((shape_of<std::tuple<event_key, std::string>>().stored("(account/a, b)", true)));
  std::string_view rest = "abc";
  EXPECT_THROW(shape_of<std::uint64_t>().text(rest, true), std::runtime_error);
  rest = "abc";
  EXPECT_THROW(shape_of<std::uint8_t>().text(rest, true), std::runtime_error);
}

}  // namespace
}  // namespace quipu::test
