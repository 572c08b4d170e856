#include "reactions/lines.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace quipu::reacting {
namespace {

using namespace std::chrono_literals;

row_key key(std::uint64_t at) { return {{at}, 0}; }

outbox_row to(const std::string& whom, bool dead = false) {
  outbox_row row;
  row.command = {"box", whom, "relay.Take", {}};
  row.if_rejected = named_command{"desk", "d", "relay.GiveBack", {}};
  row.dead = dead;
  return row;
}

class lines_of_commands : public testing::Test {
 protected:
  std::vector<std::uint64_t> all_that_fly() {
    std::vector<std::uint64_t> list;
    while (const auto next = on_.take_off(now_)) list.push_back(next->at.value);
    return list;
  }
  using numbers = std::vector<std::uint64_t>;
  lines on_;
  lines::time_point now_{1h};
};

TEST_F(lines_of_commands, one_at_a_time_for_each_target_in_order) {
  for (const auto at : {1, 2, 3}) on_.add(key(at), to("a"));
  on_.add(key(4), to("b"));
  EXPECT_EQ(all_that_fly(), (numbers{1, 4}));
  EXPECT_EQ(on_.flying(), 2U);
  on_.done(key(1));
  EXPECT_EQ(all_that_fly(), numbers{2});
  on_.done(key(4));
  EXPECT_EQ(all_that_fly(), numbers{});
  EXPECT_EQ(on_.size(), 2U);
}

TEST_F(lines_of_commands, one_that_rests_holds_its_line) {
  on_.add(key(1), to("a"));
  on_.add(key(2), to("a"));
  EXPECT_EQ(all_that_fly(), numbers{1});
  on_.at(key(1)).tries = 1;
  on_.rest(key(1), now_ + 5ms);
  EXPECT_EQ(all_that_fly(), numbers{});
  EXPECT_EQ(on_.next_time(), now_ + 5ms);
  EXPECT_EQ(on_.resting(), &on_.at(key(1)));
  now_ += 5ms;
  EXPECT_EQ(all_that_fly(), numbers{1});
  EXPECT_EQ(on_.resting(), nullptr);
  on_.done(key(1));
  EXPECT_EQ(all_that_fly(), numbers{2});
}

TEST_F(lines_of_commands, a_dead_one_stops_its_line_and_is_not_live) {
  for (const auto at : {1, 2}) on_.add(key(at), to("a"));
  on_.add(key(3), to("b"));
  EXPECT_EQ(all_that_fly(), (numbers{1, 3}));
  on_.change(key(1), to("a", true));
  EXPECT_EQ(all_that_fly(), numbers{});
  EXPECT_EQ(on_.dead(), 2U);
  EXPECT_EQ(on_.live(), 1U);
  on_.add(key(4), to("a"));
  EXPECT_EQ(on_.dead(), 3U);
  row_key first;
  EXPECT_NE(on_.first(first), nullptr);
  EXPECT_EQ(first, key(1));
  EXPECT_NE(on_.first_live(first), nullptr);
  EXPECT_EQ(first, key(3));
  on_.done(key(3));
  EXPECT_EQ(on_.first_live(first), nullptr);
  EXPECT_EQ(on_.live(), 0U);
  EXPECT_EQ(on_.live_bytes(), 0U);
}

TEST_F(lines_of_commands, a_compensation_joins_its_own_target_before_later_ones) {
  on_.add(key(1), to("a"));
  auto back = to("x");
  back.command = {"desk", "d", "relay.GiveBack", {}};
  on_.add(key(5), back);
  on_.add(key(6), back);
  EXPECT_EQ(all_that_fly(), (numbers{1, 5}));
  auto rejected = to("a");
  rejected.rejection = "unwanted";
  on_.change(key(1), rejected);
  EXPECT_EQ(all_that_fly(), numbers{});  // 5 is on its way to that desk
  on_.done(key(5));
  EXPECT_EQ(all_that_fly(), numbers{1});
  on_.done(key(1));
  EXPECT_EQ(all_that_fly(), numbers{6});
}

TEST_F(lines_of_commands, an_older_one_goes_before_a_dead_one) {
  on_.add(key(5), to("a", true));
  EXPECT_EQ(on_.dead(), 1U);
  on_.add(key(1), to("a"));
  EXPECT_EQ(on_.dead(), 0U);
  EXPECT_EQ(all_that_fly(), numbers{1});
  on_.done(key(1));
  EXPECT_EQ(all_that_fly(), numbers{});
  EXPECT_EQ(on_.dead(), 1U);
}

}  // namespace
}  // namespace quipu::reacting
