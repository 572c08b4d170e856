#include "reactions/outbox_row.hpp"

#include <gtest/gtest.h>

namespace quipu::reacting {
namespace {

outbox_row a_row() {
  outbox_row row;
  row.command = {"account", std::string("b\0b", 3), "bank.Credit", {1, 2, 3}};
  row.if_rejected = named_command{"account", "a", "bank.Refund", {}};
  row.event = {"account", "a", 7};
  row.time = dead_letter::time_point(std::chrono::microseconds(42));
  row.cause = {1, 2};
  row.trace = {3, 4};
  row.headers = {{"tenant", "north"}};
  return row;
}

TEST(outbox_row, comes_back_as_it_was) {
  auto row = a_row();
  for (const bool later : {false, true}) {
    if (later) {
      row.rejection = "";  // a code may be empty
      row.dead = true;
      row.attempts = 4;
      row.error = "closed";
      row.first_failed_us = 5;
      row.last_failed_us = 6;
    }
    const auto back = row_in(as_bytes(bytes_of(row)));
    EXPECT_EQ(back.command.key, row.command.key);
    EXPECT_EQ(back.command.body, row.command.body);
    EXPECT_EQ(back.if_rejected->type, "bank.Refund");
    EXPECT_EQ(back.event, row.event);
    EXPECT_EQ(back.time, row.time);
    EXPECT_EQ(back.cause, row.cause);
    EXPECT_EQ(back.trace, row.trace);
    EXPECT_EQ(back.headers.at(0).value, "north");
    EXPECT_EQ(back.rejection, row.rejection);
    EXPECT_EQ(back.dead, row.dead);
    EXPECT_EQ(back.attempts, row.attempts);
    EXPECT_EQ(back.error, row.error);
    EXPECT_EQ(back.last_failed_us, row.last_failed_us);
    EXPECT_EQ(back.to_send().type, later ? "bank.Refund" : "bank.Credit");
  }
}

TEST(outbox_row, keys_lie_in_the_order_of_the_journal) {
  EXPECT_LT(bytes_of(row_key{{255}, 9}), bytes_of(row_key{{256}, 0}));
  EXPECT_LT(bytes_of(row_key{{256}, 0}), bytes_of(row_key{{256}, 1}));
  EXPECT_EQ(row_key_in(bytes_of(row_key{{77}, 3})), (row_key{{77}, 3}));
}

TEST(outbox_row, damage_is_found) {
  const auto whole = bytes_of(a_row());
  EXPECT_THROW(row_in({}), port::damaged_payload);
  EXPECT_THROW(row_in(as_bytes(whole).first(whole.size() / 2)), port::damaged_payload);
  EXPECT_THROW(row_key_in("short"), port::damaged_payload);
}

}  // namespace
}  // namespace quipu::reacting
