#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "reading/condition.hpp"
#include "reading/position_argument.hpp"
#include "reading/time_argument.hpp"

namespace quipu::tool {
namespace {

using namespace std::chrono;

std::int64_t midnight(int y, unsigned m, unsigned d) {
  return duration_cast<microseconds>(
             sys_days{year{y} / static_cast<int>(m) / static_cast<int>(d)}.time_since_epoch())
      .count();
}

TEST(time_argument, names_all_of_what_it_says) {
  const auto day = midnight(2026, 1, 31);
  EXPECT_EQ(parse_time("2026-01-31"), (time_span{day, day + 86'399'999'999}));
  EXPECT_EQ(parse_time("2026-01-31T00:01"), (time_span{day + 60'000'000, day + 119'999'999}));
  EXPECT_EQ(parse_time("2026-01-31T23:59:58"), (time_span{day + 86'398'000'000, day + 86'398'999'999}));
  EXPECT_EQ(parse_time("2026-01-31T00:00:00.5Z"), (time_span{day + 500'000, day + 599'999}));
  EXPECT_EQ(parse_time("2026-01-31T00:00:00.000006Z"), (time_span{day + 6, day + 6}));
  EXPECT_EQ(parse_time("1969-12-31T23:59:59"), (time_span{-1'000'000, -1}));
}

TEST(time_argument, takes_nothing_else) {
  for (const char* text :
       {"", "2026", "2026-01", "2026-02-30", "2026-13-01", "26-01-31", "2026-01-31T", "2026-01-31T24:00",
        "2026-01-31T23:60", "2026-01-31T23:59:60", "2026-01-31T1:02", "2026-01-31T23:59:59.", "2026-01-31Z",
        "2026-01-31T23:59:59.1234567", "2026-01-31T23:59:59+01:00", "2026-01-31 23:59", "2026-01-31T23:59ZZ",
        "+026-01-31", "12:3"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(position_argument, is_a_record_or_a_position) {
  EXPECT_EQ(parse_position("12"), position::of(12, 0));
  EXPECT_EQ(parse_position("12:3"), position::of(12, 3));
  for (const char* text : {"", "x", "1:", ":1", "1:65536", "-1", "1 ", "281474976710656", "1:2:3"})
    EXPECT_FALSE(parse_position(text)) << text;
}

/// Whether the condition holds for this payload; it must parse.
bool fulfilled(const char* text, const char* payload) {
  const auto parsed = parse_condition(text);
  EXPECT_TRUE(parsed) << text << ": " << parsed.error();
  return parsed && parsed->holds(nlohmann::ordered_json::parse(payload));
}

TEST(condition_argument, compares_numbers) {
  for (const char* text :
       {"/a == 3", "/a==3", "  /a  <=  3.0 ", "/a >= -1", "/a < 3.5", "/a != 4", "/a > -9e9"})
    EXPECT_TRUE(fulfilled(text, R"({"a":3})")) << text;
  for (const char* text : {"/a != 3", "/a < 3", "/a > 3", "/a == 3.01", "/a == \"3\"", "/a > \"2\""})
    EXPECT_FALSE(fulfilled(text, R"({"a":3})")) << text;
}

TEST(condition_argument, compares_whole_numbers_exactly) {
  EXPECT_TRUE(fulfilled("/a > 18446744073709551614", R"({"a":18446744073709551615})"));
  EXPECT_TRUE(fulfilled("/a > -1", R"({"a":18446744073709551615})"));
  EXPECT_TRUE(fulfilled("/a < 9007199254740993", R"({"a":9007199254740992})"));
  EXPECT_TRUE(fulfilled("/a < 0", R"({"a":-9223372036854775808})"));
}

TEST(condition_argument, compares_texts_and_the_rest) {
  EXPECT_TRUE(fulfilled(R"(/note == "a \"b\" <c>")", R"({"note":"a \"b\" <c>"})"));
  EXPECT_TRUE(fulfilled(R"(/note < "b")", R"({"note":"a"})"));
  EXPECT_TRUE(fulfilled("/open == true", R"({"open":true})"));
  EXPECT_FALSE(fulfilled("/open > false", R"({"open":true})"));
  EXPECT_TRUE(fulfilled("/list == [1,2]", R"({"list":[1,2]})"));
}

TEST(condition_argument, finds_fields_by_pointer) {
  const char* const payload = R"({"owner":{"na/me":"x"},"list":[{"n":1},{"n":2}]})";
  EXPECT_TRUE(fulfilled("/owner/na~1me == \"x\"", payload));
  EXPECT_TRUE(fulfilled("/list/1/n == 2", payload));
  EXPECT_TRUE(fulfilled("/owner", payload));
  // What is not there fulfils nothing.
  for (const char* text :
       {"/none", "/none != 1", "/list/2/n != 1", "/list/x != 1", "/list/- != 1", "/owner/na~1me/y"})
    EXPECT_FALSE(fulfilled(text, payload)) << text;
}

TEST(condition_argument, says_where_it_does_not_parse) {
  struct wrong {
    const char* text;
    const char* says;
  };
  for (const auto& [text, says] : {wrong{"", "at character 1 (its end) a field"},
                                   {"amount > 1", "at character 1 (\"amount > 1\") a field"},
                                   {"/a => 1", "at character 4 (\"=> 1\") a comparison"},
                                   {"/a = 1", "at character 4 (\"= 1\") a comparison"},
                                   {"/a like 1", "at character 4 (\"like 1\") a comparison"},
                                   {"/a ==", "at character 6 (its end) a value"},
                                   {"/a == rent", "at character 7 (\"rent\") a value"},
                                   {"/a == 'rent'", "at character 7 (\"'rent'\") a value"},
                                   {"/a == 1 and", "at character 7 (\"1 and\") a value"},
                                   {"/a~2 == 1", "at character 1 (\"/a~2 == 1\") a JSON pointer"}}) {
    const auto parsed = parse_condition(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().find(says), 0U) << parsed.error();
  }
}

}  // namespace
}  // namespace quipu::tool
