/// The memory journal in a simulator's hands: what each fate does. As a plain journal the conformance suite
/// tests it.
#include "memory/memory_journal.hpp"

#include <gtest/gtest.h>

namespace quipu::test {
namespace {

using namespace journal;
using namespace journal::memory;

class manual_journal : public testing::Test {
 protected:
  static memory::options manual() {
    return {.how = {.partitions = 2}, .manual = true, .about = std::nullopt};
  }

  /// The answer appears at the returned place once there is one.
  std::shared_ptr<std::optional<append_result>> append(record_number expected) {
    auto told = std::make_shared<std::optional<append_result>>();
    log.append(0, expected, std::make_shared<const bytes>(64), [told](append_result r) {
      ASSERT_FALSE(*told);
      *told = std::move(r);
    });
    return told;
  }
  std::uint64_t records() { return log.summarize().value().records; }

  memory_journal log{manual()};
};

}  // namespace

TEST_F(manual_journal, nothing_happens_by_itself) {
  auto told = append(0);
  EXPECT_EQ(log.pending(), 1U);
  EXPECT_FALSE(*told);
  EXPECT_EQ(records(), 0U);
  log.settle(0, fate::deliver);
  EXPECT_EQ((*told)->status, append_status::appended);
  EXPECT_EQ(log.pending(), 0U);
}

TEST_F(manual_journal, requests_may_overtake_each_other) {
  auto first = append(0);
  auto second = append(0);
  log.settle(1, fate::deliver);
  log.settle(0, fate::deliver);
  EXPECT_EQ((*second)->status, append_status::appended);
  EXPECT_EQ((*first)->status, append_status::fenced);
}

TEST_F(manual_journal, a_lost_ack_is_unknown_and_yet_stored) {
  auto told = append(0);
  log.settle(0, fate::lose_ack);
  EXPECT_EQ((*told)->status, append_status::unknown);
  EXPECT_EQ(records(), 1U);
}

TEST_F(manual_journal, a_lost_request_is_unknown_and_not_stored) {
  auto told = append(0);
  log.settle(0, fate::lose_request);
  EXPECT_EQ((*told)->status, append_status::unknown);
  EXPECT_EQ(records(), 0U);
  EXPECT_EQ(log.pending(), 0U);
}

TEST_F(manual_journal, a_late_duplicate_is_fenced) {
  auto told = append(0);
  log.settle(0, fate::late_duplicate);
  EXPECT_EQ((*told)->status, append_status::appended);
  ASSERT_EQ(log.pending(), 1U);
  EXPECT_FALSE(log.look(0).awaited);
  log.settle(0, fate::late_duplicate);
  EXPECT_EQ(records(), 1U);
  EXPECT_EQ(log.pending(), 0U);
}

TEST_F(manual_journal, a_delayed_request_may_still_be_stored) {
  auto told = append(0);
  log.settle(0, fate::delay_request);
  EXPECT_EQ((*told)->status, append_status::unknown);
  EXPECT_EQ(records(), 0U);
  ASSERT_EQ(log.pending(), 1U);
  log.settle(0, fate::deliver);
  EXPECT_EQ(records(), 1U);
}

TEST_F(manual_journal, refusals_store_nothing) {
  auto refused = append(0);
  auto unavailable = append(0);
  log.settle(0, fate::refuse);
  log.settle(0, fate::unavailable);
  EXPECT_EQ((*refused)->status, append_status::refused);
  EXPECT_FALSE((*refused)->reason.empty());
  EXPECT_EQ((*unavailable)->status, append_status::unavailable);
  EXPECT_EQ(records(), 0U);
}

TEST_F(manual_journal, reads_wait_as_well) {
  append(0);
  log.settle(0, fate::deliver);
  int answers = 0;
  int failures = 0;
  auto count = [&](const result<std::optional<stored_record>>& r) { ++(r ? answers : failures); };
  log.tail(0, count);
  log.successor(0, 0, count);
  log.settle(0, fate::deliver);
  log.settle(0, fate::lose_ack);
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(failures, 1);
}

TEST_F(manual_journal, a_crashed_client_hears_nothing) {
  log.act_as(1);
  auto gone = append(0);
  log.act_as(2);
  auto here = append(0);
  EXPECT_EQ(log.look(0).client, 1U);
  log.forget_client(1, crash::keep_requests);
  EXPECT_EQ(log.pending(), 2U);
  log.settle(0, fate::deliver);
  log.settle(0, fate::deliver);
  EXPECT_FALSE(*gone);
  EXPECT_EQ((*here)->status, append_status::fenced);

  append(1);
  log.forget_all(crash::drop_requests);
  EXPECT_EQ(log.pending(), 0U);
  EXPECT_EQ(records(), 1U);
}

TEST_F(manual_journal, a_power_cut_takes_what_was_not_flushed) {
  append(0);
  log.settle(0, fate::deliver);
  log.flush();
  append(1);
  log.settle(0, fate::deliver);
  auto kept = log.read(2, std::nullopt)->next();
  log.lose_unflushed();
  EXPECT_EQ(records(), 1U);
  EXPECT_EQ(kept.value()->data.size(), 64U);  // what a reader holds stays readable
  auto again = append(1);
  log.settle(0, fate::deliver);
  EXPECT_EQ((*again)->number, 2U);
}

TEST_F(manual_journal, closing_answers_what_still_waits) {
  std::optional<append_result> told;
  bool read_failed = false;
  {
    memory_journal closing{manual()};
    closing.append(0, 0, std::make_shared<const bytes>(64), [&](append_result r) { told = std::move(r); });
    closing.tail(0, [&](auto r) { read_failed = !r; });
  }
  ASSERT_TRUE(told);
  EXPECT_EQ(told->status, append_status::unknown);
  EXPECT_TRUE(read_failed);
}

}  // namespace quipu::test
