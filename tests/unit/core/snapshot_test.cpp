#include "core/snapshot.hpp"

#include "snapshot_generated.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace quipu::core {
namespace {

const bytes state{1, 2, 3};
const bytes repeats{4, 5};
const bytes handled{6, 7, 8, 9};

snapshot sample() {
  return {.incarnation = {1, 2},
          .fingerprint = {3, 4},
          .category = "account",
          .key = "acc-17",
          .sequence = 9,
          .position = position::of(5, 1),
          .exists = true,
          .state = state,
          .repeats = repeats,
          .newest_forgotten = {7, 8},
          .time_us = 11};
}

std::uint16_t version_of(const bytes& row) {
  return flatbuffers::GetRoot<format::Snapshot>(row.data())->version();
}

TEST(snapshot_row, reads_back_with_its_marks) {
  auto content = sample();
  content.handled = handled;
  const auto row = encode(content);
  const auto read = decode_snapshot(row);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_TRUE(std::ranges::equal(read->handled, handled));
  EXPECT_TRUE(std::ranges::equal(read->state, state));
  EXPECT_TRUE(std::ranges::equal(read->repeats, repeats));
  EXPECT_EQ(read->time_us, 11);
  EXPECT_EQ(version_of(row), 2) << "a program that knows no marks must not take it";
}

// What a program from before reactions wrote. It stays readable, and a row without marks stays as it was.
TEST(snapshot_row, of_an_older_program_has_no_marks) {
  const std::string_view hex =
      "200000001c00640000000800180028002c0048005000070030003400380058001c000000000000010100000000000000020000"
      "0000"
      "000000030000000000000004000000000000003c00000044000000540000004800000007000000000000000800000000000000"
      "090000000000000001000500000000000b0000000000000000000000070000006163636f756e7400060000006163632d313700"
      "000200000004050000030000000102030000000000ace558128cbf61908b14dea620626dc3";
  bytes row;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    row.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  const auto read = decode_snapshot(row);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_TRUE(read->handled.empty());
  EXPECT_EQ(read->sequence, 9U);
  EXPECT_EQ(encode(sample()), row);
  EXPECT_EQ(version_of(row), 1);
}

TEST(snapshot_row, notices_every_flipped_bit) {
  auto content = sample();
  content.handled = handled;
  auto row = encode(content);
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] ^= 0x10;
    EXPECT_FALSE(decode_snapshot(row)) << i;
    row[i] ^= 0x10;
  }
}

}  // namespace
}  // namespace quipu::core
