/// Cursors, schemas, and what is there again after closing.
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "journal_conformance.hpp"

namespace quipu::test {

using journal::append_status;
using journal::failure_kind;

TEST_P(journal_conformance, says_who_it_is) {
  auto log = open();
  const auto& about = log->about();
  EXPECT_TRUE(about.lineage);
  EXPECT_TRUE(about.incarnation);
  EXPECT_EQ(about.partitions, partitions);
  EXPECT_EQ(about.max_record_bytes, max_record_bytes);
  EXPECT_EQ(about.creator, "conformance");
  EXPECT_GT(about.created_us, 1'600'000'000'000'000);
}

TEST_P(journal_conformance, is_created_once) {
  if (!GetParam().survives_closing) GTEST_SKIP() << "each opening is a new journal";
  EXPECT_EQ(journal::open(url_).error().kind, failure_kind::not_found);
  ASSERT_TRUE(journal::create(url_, small()));
  EXPECT_EQ(journal::create(url_, small()).error().kind, failure_kind::exists);
  auto log = journal::open(url_);
  ASSERT_TRUE(log) << log.error().text;
  EXPECT_EQ((*log)->about().partitions, partitions);
}

TEST_P(journal_conformance, opening_does_not_create_anew) {
  if (!GetParam().survives_closing) GTEST_SKIP() << "each opening is a new journal";
  auto first = open()->about();
  auto again = journal::open_or_create(url_, {.partitions = 9, .replicas = GetParam().replicas});
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ((*again)->about().lineage, first.lineage);
  EXPECT_EQ((*again)->about().incarnation, first.incarnation);
  EXPECT_EQ((*again)->about().created_us, first.created_us);
  EXPECT_EQ((*again)->about().partitions, first.partitions);
}

TEST_P(journal_conformance, records_are_there_again) {
  if (!GetParam().survives_closing) GTEST_SKIP() << "each opening is a new journal";
  auto log = open();
  auto first = fill(*log, 0, 5);
  auto other = fill(*log, 1, 5);
  auto before = drain(*log->read(0));
  std::vector<bytes> contents;
  for (const auto& record : before) contents.emplace_back(record.data.begin(), record.data.end());
  auto expected = numbers(before);
  before.clear();
  log.reset();

  log = open();
  auto after = drain(*log->read(0));
  EXPECT_EQ(numbers(after), expected);
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_TRUE(std::ranges::equal(after[i].data, contents[i]));
  EXPECT_EQ(tail(*log, 0).value()->number, first.back());
  EXPECT_EQ(append(*log, 0, first[3], record(*log, 0, "stale")).status, append_status::fenced);
  EXPECT_GT(fill(*log, 0, 1).back(), other.back());
}

TEST_P(journal_conformance, read_only_refuses_writes) {
  if (!GetParam().survives_closing) GTEST_SKIP() << "each opening is a new journal";
  auto written = fill(*open(), 0, 2);
  auto log = journal::open(url_, {.mode = journal::access::read, .node_directory = {}});
  ASSERT_TRUE(log) << log.error().text;
  EXPECT_EQ(numbers(drain(*(*log)->read(0))), written);
  EXPECT_EQ(append(**log, 0, written[1], record(**log, 0, "no")).status, append_status::refused);
  EXPECT_FALSE((*log)->put_schema({{1, 2}, bytes{1, 2, 3}}));
  EXPECT_EQ(tail(**log, 0).value()->number, written[1]);
}

TEST_P(journal_conformance, a_second_writer_is_told_of_the_first) {
  if (!GetParam().one_writer) GTEST_SKIP() << "writers are fenced, not locked out";
  auto log = open();
  auto second = journal::open(url_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, failure_kind::locked);
  EXPECT_NE(second.error().text.find(std::to_string(::getpid())), std::string::npos) << second.error().text;
  EXPECT_EQ(fill(*log, 0, 1).size(), 1U);
  log.reset();
  EXPECT_TRUE(journal::open(url_));
}

TEST_P(journal_conformance, cursors_begin_where_they_are_told) {
  auto log = open();
  auto first = fill(*log, 0, 3);
  auto other = fill(*log, 1, 3);
  auto second = fill(*log, 0, 3);
  std::vector<record_number> all;
  for (const auto& part : {first, other, second}) all.insert(all.end(), part.begin(), part.end());

  EXPECT_EQ(numbers(drain(*log->read(0))), all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<record_number> rest(all.begin() + static_cast<std::ptrdiff_t>(i), all.end());
    EXPECT_EQ(numbers(drain(*log->read(all[i]))), rest);
  }
  EXPECT_TRUE(drain(*log->read(all.back() + 1)).empty());
  EXPECT_EQ(numbers(drain(*log->read(0, 1))), other);
  EXPECT_EQ(numbers(drain(*log->read(other[1], 1))), std::vector(other.begin() + 1, other.end()));
  EXPECT_EQ(numbers(drain(*log->read(other[1], 0))), second);
  EXPECT_TRUE(drain(*log->read(0, 2)).empty());
  for (const auto& record : drain(*log->read(0, 1))) EXPECT_EQ(record.partition, 1U);
}

TEST_P(journal_conformance, a_cursor_that_caught_up_finds_what_comes_later) {
  auto log = open();
  auto all = log->read(0);
  auto one = log->read(0, 1);
  EXPECT_TRUE(drain(*all).empty());
  EXPECT_TRUE(drain(*one).empty());
  for (int round = 0; round < 3; ++round) {
    auto other = fill(*log, 0, 2);
    auto mine = fill(*log, 1, 2);
    EXPECT_EQ(numbers(drain(*one)), mine);
    other.insert(other.end(), mine.begin(), mine.end());
    EXPECT_EQ(numbers(drain(*all)), other);
  }
}

TEST_P(journal_conformance, a_cursor_follows_a_writer) {
  constexpr int count = 200;
  auto log = open();
  std::vector<record_number> written;
  std::jthread writer([&] { written = fill(*log, 0, count); });
  std::vector<record_number> seen;
  auto cursor = log->read(0);
  while (seen.size() < count) {
    auto next = cursor->next();
    ASSERT_TRUE(next) << next.error().text;
    if (*next) {
      seen.push_back((*next)->number);
    } else {
      std::this_thread::yield();
    }
  }
  writer.join();
  EXPECT_EQ(seen, written);
}

TEST_P(journal_conformance, many_cursors_do_not_disturb_each_other) {
  auto log = open();
  auto written = fill(*log, 0, 20);
  std::vector<std::unique_ptr<journal::cursor>> cursors;
  for (std::size_t i = 0; i < 150; ++i) cursors.push_back(log->read(written[i % written.size()]));
  for (std::size_t step = 0; step < written.size(); ++step) {
    for (std::size_t i = 0; i < cursors.size(); ++i) {
      auto next = cursors[i]->next();
      ASSERT_TRUE(next) << next.error().text;
      auto place = i % written.size() + step;
      ASSERT_EQ(next->has_value(), place < written.size());
      if (*next) {
        EXPECT_EQ((*next)->number, written[place]);
      }
    }
  }
}

TEST_P(journal_conformance, records_live_as_long_as_they_are_kept) {
  auto log = open();
  auto expected = record_number{0};
  std::vector<std::shared_ptr<const bytes>> written;
  for (int i = 0; i < 120; ++i) {  // some MB: more than a cursor reads ahead
    written.push_back(record_of_size(*log, 32 * 1024 + 8 * static_cast<std::size_t>(i)));
    auto result = append(*log, 0, expected, written.back());
    ASSERT_EQ(result.status, append_status::appended) << result.reason;
    expected = result.number;
  }
  auto kept = drain(*log->read(0));
  fill(*log, 1, 10);
  ASSERT_EQ(kept.size(), written.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(kept[i].data.data()) % 8, 0U);
    EXPECT_TRUE(std::ranges::equal(kept[i].data, *written[i]));
  }
}

TEST_P(journal_conformance, schemas_are_kept_by_hash) {
  bytes large(200 * 1024);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * 31);
  auto check = [&](journal::journal& log) {
    auto all = log.schemas();
    ASSERT_TRUE(all) << all.error().text;
    ASSERT_EQ(all->size(), 2U);
    auto by_hash = [&](id128 hash) { return std::ranges::find(*all, hash, &journal::stored_schema::hash); };
    ASSERT_NE(by_hash({1, 2}), all->end());
    ASSERT_NE(by_hash({~0ULL, 7}), all->end());
    EXPECT_EQ(by_hash({1, 2})->binary, (bytes{9, 8, 7}));
    EXPECT_EQ(by_hash({~0ULL, 7})->binary, large);
  };
  auto log = open();
  EXPECT_TRUE(log->schemas().value().empty());
  EXPECT_TRUE(log->put_schema({{1, 2}, bytes{9, 8, 7}}));
  EXPECT_TRUE(log->put_schema({{~0ULL, 7}, large}));
  EXPECT_TRUE(log->put_schema({{1, 2}, bytes{9, 8, 7}}));
  check(*log);
  EXPECT_TRUE(drain(*log->read(0)).empty());  // schemas are no records
  if (!GetParam().survives_closing) return;
  log.reset();
  check(*open());
}

TEST_P(journal_conformance, sums_itself_up) {
  auto log = open();
  auto empty = log->summarize();
  ASSERT_TRUE(empty) << empty.error().text;
  EXPECT_EQ(empty->records, 0U);
  EXPECT_EQ(empty->last, 0U);
  EXPECT_FALSE(empty->durability.empty());

  auto first = fill(*log, 0, 3);
  auto other = fill(*log, 1, 2);
  ASSERT_TRUE(log->put_schema({{1, 2}, bytes{9, 8, 7}}));
  std::uint64_t size = 0;
  for (const auto& record : drain(*log->read(0))) size += record.data.size();
  auto full = log->summarize();
  ASSERT_TRUE(full) << full.error().text;
  EXPECT_EQ(full->records, 5U);
  EXPECT_GE(full->bytes, size);  // a server counts what it keeps beside a record as well
  EXPECT_EQ(full->first, first.front());
  EXPECT_EQ(full->last, other.back());
}

}  // namespace quipu::test
