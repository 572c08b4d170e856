#include <gtest/gtest.h>
#include <quipu/journal/record.hpp>

#include <algorithm>

#include "support/seed.hpp"

namespace quipu::test {

using namespace journal;

TEST(naming, ids_print_and_read_as_hexadecimal) {
  id128 id{0x0123456789abcdefULL, 0x00000000000000ffULL};
  EXPECT_EQ(id.hex(), "0123456789abcdef00000000000000ff");
  EXPECT_EQ(id128::from_hex(id.hex()), id);
  for (auto bad : {"", "0", "0123456789abcdef00000000000000f", "0123456789abcdef00000000000000ff0",
                   "0123456789ABCDEF00000000000000ff", "0123456789abcdef0000000000000 ff",
                   "+123456789abcdef0000000000000ff"}) {
    EXPECT_FALSE(id128::from_hex(bad)) << bad;
  }
  EXPECT_NE(id128::random(), id128::random());
}

TEST(naming, checksums_are_those_of_xxh128sum) {
  EXPECT_EQ(checksum_of({}).hex(), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(checksum_of(as_bytes("quipu")).hex(), "f8c396e3f09c594a565cda47d30b6160");
}

// These values decide where every entity of every existing journal lives: they must never change.
TEST(naming, entity_hashes_are_fixed_for_ever) {
  EXPECT_EQ(entity_hash("account", "acc-17"), 5517883680016329287ULL);
  EXPECT_EQ(entity_hash("a", "b"), 12814088261772209773ULL);
  EXPECT_EQ(entity_hash("flight", std::string_view("\0\xff", 2)), 14349258832044750644ULL);
  EXPECT_EQ(entity_hash("x", std::string(255, 'k')), 16933129675620095444ULL);
  EXPECT_EQ(entity_hash("x", std::string(1000, 'k')), 13218938167286552798ULL);
}

TEST(naming, the_border_between_category_and_key_counts) {
  EXPECT_NE(entity_hash("a", "bc"), entity_hash("ab", "c"));
}

TEST(naming, entities_spread_over_partitions) {
  std::vector<int> counts(16);
  for (int i = 0; i < 16000; ++i)
    ++counts[partition_of(entity_hash("account", "acc-" + std::to_string(i)), 16)];
  EXPECT_GT(*std::ranges::min_element(counts), 800);
  EXPECT_LT(*std::ranges::max_element(counts), 1200);
}

TEST(naming, keys_are_shown_escaped) {
  EXPECT_EQ(escape_key("acc-17 ~"), "acc-17 ~");
  EXPECT_EQ(escape_key("a\\b"), "a\\x5cb");
  EXPECT_EQ(escape_key(std::string_view("\0\n\x7f\xff", 4)), "\\x00\\x0a\\x7f\\xff");
  EXPECT_EQ(event_id("account", "a\n", 42), "account/a\\x0a@42");
}

TEST(naming, every_key_comes_back) {
  auto source = random_source(4);
  for (int round = 0; round < 2000; ++round) {
    std::string key(between(source, 0, 255), '\0');
    for (auto& c : key) c = static_cast<char>(source());
    EXPECT_EQ(unescape_key(escape_key(key)), key);
  }
}

TEST(naming, only_one_text_means_a_key) {
  for (auto bad :
       {"\\", "\\x", "\\x5", "\\x5C", "\\x41", "\\X5c", "\\n", "a\nb", "\x7f", "\xc3\xa4", "\\x0g"}) {
    EXPECT_FALSE(unescape_key(bad)) << bad;
  }
}

TEST(naming, categories_and_keys_have_limits) {
  EXPECT_TRUE(valid_category("account_v2.eu-west"));
  EXPECT_TRUE(valid_category(std::string(64, 'a')));
  for (auto bad : {std::string(), std::string(65, 'a'), std::string("A"), std::string("a/b"),
                   std::string("a b"), std::string("\xc3\xa4"), std::string(1, '\0')}) {
    EXPECT_FALSE(valid_category(bad)) << bad;
  }
  EXPECT_TRUE(valid_key(std::string(1, '\0')));
  EXPECT_TRUE(valid_key(std::string(255, 'k')));
  EXPECT_FALSE(valid_key(""));
  EXPECT_FALSE(valid_key(std::string(256, 'k')));
}

TEST(naming, positions_are_monotone) {
  EXPECT_LT(position{}, position::start_of(1));
  EXPECT_LT(position::of(1, 65535), position::of(2, 0));
  EXPECT_EQ(position::of(7, 9).record(), 7U);
  EXPECT_EQ(position::of(7, 9).index(), 9U);
}

}  // namespace quipu::test
