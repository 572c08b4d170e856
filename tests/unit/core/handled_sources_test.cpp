#include "core/handled_sources.hpp"

#include "support/seed.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace quipu::core {
namespace {

command_source of(std::uint64_t reaction, std::uint64_t at, std::uint16_t index = 0,
                  std::uint64_t settled = 0) {
  return {reaction, {at}, index, {settled}};
}
bytes saved(const handled_sources& what) {
  bytes out;
  what.save(out);
  return out;
}

TEST(handled_sources, knows_what_took_effect_and_nothing_else) {
  handled_sources known;
  EXPECT_FALSE(known.knows(of(1, 30)));
  known.add(of(1, 30, 2));
  EXPECT_TRUE(known.knows(of(1, 30, 2)));
  EXPECT_TRUE(known.knows(of(1, 30, 2, 29))) << "whatever is settled meanwhile";
  EXPECT_FALSE(known.knows(of(1, 30, 1))) << "another command of the event";
  EXPECT_FALSE(known.knows(of(1, 29, 2))) << "an earlier event, whose command comes late";
  EXPECT_FALSE(known.knows(of(2, 30, 2))) << "another reaction";
}

TEST(handled_sources, forgets_marks_up_to_what_is_settled_and_knows_that) {
  handled_sources known;
  for (const std::uint64_t at : {50, 10, 40, 20, 30}) known.add(of(1, at));
  EXPECT_EQ(known.marks(), 5U);
  known.add(of(1, 60, 0, 30));
  EXPECT_EQ(known.marks(), 3U);
  for (const std::uint64_t at : {1, 10, 25, 30, 40, 50, 60}) EXPECT_TRUE(known.knows(of(1, at))) << at;
  for (const std::uint64_t at : {31, 41, 61}) EXPECT_FALSE(known.knows(of(1, at))) << at;
  known.add(of(1, 70, 0, 5));  // sent before the other, and came after it
  EXPECT_EQ(known.marks(), 4U);
  EXPECT_TRUE(known.knows(of(1, 25)));
  known.add(of(1, 30, 9));
  EXPECT_EQ(known.marks(), 4U) << "what is settled needs no mark";
}

TEST(handled_sources, has_room_until_a_reaction_settles_nothing) {
  handled_sources known;
  for (std::uint64_t i = 0; i < handled_sources::most_marks; ++i) {
    ASSERT_TRUE(known.has_room(of(1, 100 + i)));
    known.add(of(1, 100 + i));
  }
  const std::uint64_t next = 100 + handled_sources::most_marks;
  EXPECT_FALSE(known.has_room(of(1, next)));
  EXPECT_FALSE(known.has_room(of(1, next, 0, 99))) << "it settles nothing that has a mark";
  EXPECT_TRUE(known.has_room(of(1, next, 0, 100)));
  EXPECT_TRUE(known.has_room(of(2, 5))) << "another reaction's lane";
}

TEST(handled_sources, has_room_for_reactions_without_end_neither) {
  handled_sources known;
  for (std::uint64_t reaction = 1; reaction <= handled_sources::most_lanes; ++reaction) {
    ASSERT_TRUE(known.has_room(of(reaction, 7)));
    known.add(of(reaction, 7));
  }
  EXPECT_FALSE(known.has_room(of(100'000, 7)));
  EXPECT_TRUE(known.has_room(of(1, 8)));
}

TEST(handled_sources, comes_back_from_its_bytes) {
  auto random = test::random_source(1);
  for (int round = 0; round < 50; ++round) {
    handled_sources known;
    std::vector<command_source> added;
    for (auto left = test::between(random, 0, 60); left > 0; --left) {
      const auto at = test::between(random, 1, 40);
      const auto index = static_cast<std::uint16_t>(test::between(random, 0, 3));
      added.push_back(of(test::between(random, 1, 3), at, index, test::between(random, 0, at - 1)));
      known.add(added.back());
    }
    const auto image = saved(known);
    EXPECT_EQ(image.empty(), added.empty());
    handled_sources again;
    ASSERT_TRUE(again.load(image));
    EXPECT_EQ(saved(again), image);
    for (const auto& one : added) EXPECT_TRUE(again.knows(one));
  }
}

TEST(handled_sources, refuses_bytes_that_it_does_not_make) {
  handled_sources known;
  known.add(of(1, 30, 2, 9));
  known.add(of(1, 31, 0, 9));
  known.add(of(2, 30));
  const auto image = saved(known);
  handled_sources other;
  other.add(of(5, 5));
  for (std::size_t size = 1; size < image.size(); ++size) {
    // The first lane alone is whole: 24 bytes and two marks of 10.
    EXPECT_EQ(other.load(bytes_view(image).first(size)), size == 44) << size;
  }
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    auto damaged = image;
    damaged[at] = value;
    return handled_sources().load(damaged);
  };
  EXPECT_FALSE(changed(0, 0)) << "no reaction";
  EXPECT_FALSE(changed(8, 30)) << "a mark that is settled";
  EXPECT_FALSE(changed(16 + 7, 0xff)) << "more marks than bytes";
  EXPECT_FALSE(changed(34, 30)) << "the same event again, with a smaller index: out of order";
  EXPECT_FALSE(changed(44, 1)) << "the same reaction again";
  auto random = test::random_source(2);
  for (int round = 0; round < 2000; ++round) {
    auto damaged = image;
    damaged[test::between(random, 0, damaged.size() - 1)] = static_cast<std::uint8_t>(random());
    handled_sources reads;
    if (reads.load(damaged)) {
      EXPECT_EQ(saved(reads), damaged);
    }
  }
}

}  // namespace
}  // namespace quipu::core
