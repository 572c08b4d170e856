// The journal's writer when a commit fails: before it took place, after it did, and when opening again fails
// too.
#include "lmdb/lmdb_journal.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <future>
#include <memory>

namespace quipu::journal::lmdb {
namespace {

using storage::commit_stage;
using test::temporary_directory;

class failing_commit : public testing::Test {
 protected:
  failing_commit() {
    EXPECT_TRUE(create({.path = dir_ / "j"}, {.partitions = 4, .creator = "test"}));
    open_again();
  }

  void open_again() {
    journal_.reset();
    auto opened = open({.path = dir_ / "j", .fault = [this](commit_stage stage) { return fault(stage); }},
                       access::write);
    ASSERT_TRUE(opened) << opened.error().text;
    journal_ = std::move(*opened);
  }

  int fault(commit_stage stage) {
    if (fail_at_ != static_cast<int>(stage)) return 0;
    fail_at_ = -1;
    if (hide_file_) std::filesystem::rename(dir_ / "j/data.mdb", dir_ / "hidden");
    return code_;
  }
  void fail_next(commit_stage stage, int code) {
    code_ = code;
    fail_at_ = static_cast<int>(stage);
  }

  append_result append(partition_id partition, record_number expected, char fill = 'x') {
    std::promise<append_result> answer;
    journal_->append(partition, expected, std::make_shared<const bytes>(1000, fill),
                     [&](append_result result) { answer.set_value(std::move(result)); });
    return answer.get_future().get();
  }
  result<std::optional<stored_record>> successor(partition_id partition, record_number tail) {
    result<std::optional<stored_record>> found;
    journal_->successor(partition, tail, [&](auto result) { found = std::move(result); });
    return found;
  }

  temporary_directory dir_;
  std::atomic<int> fail_at_ = -1;
  std::atomic<int> code_ = 0;
  std::atomic<bool> hide_file_ = false;
  std::unique_ptr<journal> journal_;
};

TEST_F(failing_commit, that_did_not_take_place_may_be_sent_again) {
  ASSERT_EQ(append(0, 0).number, 1U);
  fail_next(commit_stage::before, EIO);
  EXPECT_EQ(append(0, 1).status, append_status::unavailable);
  EXPECT_FALSE(successor(0, 1).value());
  const auto again = append(0, 1);
  EXPECT_EQ(again.status, append_status::appended);
  EXPECT_EQ(again.number, 2U);
}

TEST_F(failing_commit, for_want_of_space_is_refused) {
  fail_next(commit_stage::before, ENOSPC);
  const auto refused = append(0, 0);
  EXPECT_EQ(refused.status, append_status::refused);
  EXPECT_NE(refused.reason.find("out of space"), std::string::npos) << refused.reason;
  EXPECT_EQ(append(0, 0).status, append_status::appended);
}

TEST_F(failing_commit, that_took_place_is_found_and_confirmed) {
  ASSERT_EQ(append(1, 0).number, 1U);
  fail_next(commit_stage::after, EIO);
  const auto found = append(1, 1, 'y');
  EXPECT_EQ(found.status, append_status::appended);
  EXPECT_EQ(found.number, 2U);
  EXPECT_EQ(successor(1, 1).value()->data.front(), 'y');
  EXPECT_EQ(append(1, 2).status, append_status::appended);
}

TEST_F(failing_commit, with_nothing_to_open_again_is_unknown_until_there_is) {
  ASSERT_EQ(append(2, 0).number, 1U);
  hide_file_ = true;
  fail_next(commit_stage::after, EIO);
  EXPECT_EQ(append(2, 1, 'y').status, append_status::unknown);
  const auto down = append(2, 1, 'y');
  EXPECT_EQ(down.status, append_status::unavailable);
  EXPECT_NE(down.reason, "");
  EXPECT_EQ(successor(2, 1).error().kind, failure_kind::unavailable);
  std::filesystem::rename(dir_ / "hidden", dir_ / "j/data.mdb");
  EXPECT_EQ(append(2, 1, 'y').status, append_status::fenced) << "by itself: it had been stored";
  EXPECT_EQ(successor(2, 1).value()->data.front(), 'y');
}

TEST_F(failing_commit, cursors_live_through_it) {
  for (record_number number = 0; number < 10; ++number)
    ASSERT_EQ(append(0, number).status, append_status::appended);
  const auto cursor = journal_->read(1);
  ASSERT_EQ(cursor->next().value()->number, 1U);
  fail_next(commit_stage::after, EIO);
  ASSERT_EQ(append(0, 10).status, append_status::appended);
  for (record_number number = 2; number <= 11; ++number) ASSERT_EQ(cursor->next().value()->number, number);
  EXPECT_FALSE(cursor->next().value());
}

TEST_F(failing_commit, the_map_limit_refuses_and_leaves_the_rest) {
  journal_.reset();
  journal_ = open({.path = dir_ / "j", .map_size = 1 << 20, .max_map_size = 4 << 20}, access::write).value();
  record_number tail = 0;
  append_result last;
  const auto large = std::make_shared<const bytes>(200'000, 'x');
  do {
    std::promise<append_result> answer;
    journal_->append(3, tail, large, [&](append_result result) { answer.set_value(std::move(result)); });
    last = answer.get_future().get();
    if (last.status == append_status::appended) tail = last.number;
  } while (last.status == append_status::appended);
  EXPECT_EQ(last.status, append_status::refused);
  EXPECT_GT(tail, 10U);
  EXPECT_EQ(append(0, 0).status, append_status::appended) << "a small one still has room";
}

}  // namespace
}  // namespace quipu::journal::lmdb
