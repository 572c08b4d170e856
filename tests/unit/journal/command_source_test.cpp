// Ids and hashes of reactions are stored for ever: known values show when they change.
#include <gtest/gtest.h>
#include <quipu/journal/command_source.hpp>

#include <chrono>
#include <set>

namespace quipu::test {
namespace {

using std::chrono::microseconds;
using time_point = std::chrono::sys_time<microseconds>;

const time_point event_time{microseconds(1'767'323'045'678'901)};

TEST(command_source, names_hash_to_what_they_always_did) {
  EXPECT_EQ(reaction_hash("transfers"), 0xe56ca77af695d496ULL);
  EXPECT_NE(reaction_hash("transfers"), reaction_hash("transfer"));
  EXPECT_NE(reaction_hash(""), 0U);
}

TEST(command_source, an_id_is_the_same_each_time_that_the_command_is_sent) {
  const command_source first{7, position::of(30, 2), 1, position::of(29, 0)};
  const auto id = id_of(first, event_time);
  EXPECT_EQ(id.hex(), "019b7ca98f2e7bcd89cc5e2e4f05a900");
  auto later = first;
  later.settled = position::of(30, 1);
  EXPECT_EQ(id_of(later, event_time), id);
}

TEST(command_source, an_id_is_a_uuid_of_version_7_with_the_events_time) {
  for (std::uint16_t index = 0; index < 100; ++index) {
    const auto id = id_of({7, {5}, index, {}}, event_time);
    EXPECT_EQ(id.high >> 16U, 1'767'323'045'678U);
    EXPECT_EQ(id.high >> 12U & 0xfU, 7U);
    EXPECT_EQ(id.low >> 62U, 2U);
  }
  EXPECT_EQ(id_of({7, {5}, 0, {}}, time_point{microseconds(-5'000)}).high >> 16U, 0U);
}

TEST(command_source, ids_differ_by_reaction_event_and_index) {
  std::set<id128> ids;
  for (std::uint64_t reaction = 1; reaction < 5; ++reaction)
    for (std::uint64_t at = 1; at < 50; ++at)
      for (std::uint16_t index = 0; index < 5; ++index)
        EXPECT_TRUE(ids.insert(id_of({reaction, {at}, index, {}}, event_time)).second);
}

}  // namespace
}  // namespace quipu::test
