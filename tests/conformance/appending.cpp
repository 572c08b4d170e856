/// Appending, fencing, and what settles an unknown outcome.
#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "journal_conformance.hpp"

namespace quipu::test {

using journal::append_status;

TEST_P(journal_conformance, appends_and_reads_back) {
  auto log = open();
  auto written = record(*log, 2, "first");
  auto result = append(*log, 2, none, written);
  ASSERT_EQ(result.status, append_status::appended) << result.reason;
  EXPECT_GT(result.number, 0U);

  auto stored = tail(*log, 2).value();
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->number, result.number);
  EXPECT_EQ(stored->partition, 2U);
  EXPECT_TRUE(std::ranges::equal(stored->data, *written));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(stored->data.data()) % 8, 0U);
  EXPECT_TRUE(journal::record_view::decode(stored->data));
}

TEST_P(journal_conformance, an_empty_partition_has_no_tail_and_no_successor) {
  auto log = open();
  fill(*log, 1, 3);
  EXPECT_FALSE(tail(*log, 0).value());
  EXPECT_FALSE(successor(*log, 0, none).value());
  EXPECT_FALSE(successor(*log, 0, 1000).value());
}

TEST_P(journal_conformance, a_partition_that_does_not_exist_is_refused) {
  auto log = open();
  auto result = append(*log, partitions, none, record(*log, partitions, "nowhere"));
  EXPECT_EQ(result.status, append_status::refused);
  EXPECT_NE(result.reason.find(std::to_string(partitions)), std::string::npos) << result.reason;
  EXPECT_FALSE(tail(*log, partitions));
  EXPECT_FALSE(successor(*log, partitions, none));
}

TEST_P(journal_conformance, numbers_grow_over_all_partitions) {
  auto log = open();
  std::vector<record_number> last(partitions, none);
  record_number newest = 0;
  for (int i = 0; i < 40; ++i) {
    auto partition = static_cast<journal::partition_id>(i * 7 % partitions);
    auto result = append(*log, partition, last[partition], record(*log, partition, "x"));
    ASSERT_EQ(result.status, append_status::appended) << result.reason;
    EXPECT_GT(result.number, newest);
    newest = last[partition] = result.number;
  }
}

TEST_P(journal_conformance, fences_every_wrong_expectation) {
  auto log = open();
  auto mine = fill(*log, 0, 3);
  auto other = fill(*log, 1, 2);
  for (auto wrong : {none, mine[0], mine[1], mine[2] + 1, mine[2] + 1000, other[0], other[1]}) {
    EXPECT_EQ(append(*log, 0, wrong, record(*log, 0, "late")).status, append_status::fenced) << wrong;
  }
  for (auto wrong : {record_number{1}, mine[0], mine[2], other[1]}) {
    EXPECT_EQ(append(*log, 2, wrong, record(*log, 2, "early")).status, append_status::fenced) << wrong;
  }
  EXPECT_EQ(tail(*log, 0).value()->number, mine[2]);
  EXPECT_FALSE(tail(*log, 2).value());
  EXPECT_EQ(append(*log, 0, mine[2], record(*log, 0, "right")).status, append_status::appended);
}

TEST_P(journal_conformance, the_same_record_sent_twice_is_stored_once) {
  auto log = open();
  auto once = record(*log, 0, "once");
  auto first = append(*log, 0, none, once);
  ASSERT_EQ(first.status, append_status::appended);
  auto second = append(*log, 0, none, once);
  // A backend that knows the record by its id may say that it is stored already; none may store it again.
  if (second.status == append_status::appended) {
    EXPECT_EQ(second.number, first.number);
  } else {
    EXPECT_EQ(second.status, append_status::fenced);
  }
  EXPECT_EQ(tail(*log, 0).value()->number, first.number);
}

TEST_P(journal_conformance, the_successor_is_the_next_of_the_partition) {
  auto log = open();
  auto first = fill(*log, 0, 2);
  fill(*log, 1, 3);
  auto second = fill(*log, 0, 2);
  EXPECT_EQ(successor(*log, 0, none).value()->number, first[0]);
  EXPECT_EQ(successor(*log, 0, first[0]).value()->number, first[1]);
  EXPECT_EQ(successor(*log, 0, first[1]).value()->number, second[0]);
  EXPECT_EQ(successor(*log, 0, second[0]).value()->number, second[1]);
  EXPECT_FALSE(successor(*log, 0, second[1]).value());
  EXPECT_EQ(tail(*log, 0).value()->number, second[1]);
}

TEST_P(journal_conformance, the_largest_record_fits_and_a_larger_one_is_refused) {
  auto log = open();
  auto largest = record_of_size(*log, max_record_bytes);
  ASSERT_EQ(largest->size(), max_record_bytes);
  auto fits = append(*log, 0, none, largest);
  ASSERT_EQ(fits.status, append_status::appended) << fits.reason;
  EXPECT_TRUE(std::ranges::equal(tail(*log, 0).value()->data, *largest));

  auto result = append(*log, 0, fits.number, record_of_size(*log, max_record_bytes + 8));
  EXPECT_EQ(result.status, append_status::refused);
  EXPECT_NE(result.reason.find(std::to_string(max_record_bytes)), std::string::npos) << result.reason;
  EXPECT_NE(result.reason.find(std::to_string(max_record_bytes + 8)), std::string::npos) << result.reason;
  EXPECT_EQ(append(*log, 0, fits.number, record(*log, 0, "next")).status, append_status::appended);
}

TEST_P(journal_conformance, of_many_that_expect_the_same_tail_one_wins) {
  constexpr int threads = 8;
  constexpr int rounds = 20;
  auto log = open();
  std::atomic<int> callbacks = 0;
  std::atomic<int> odd = 0;
  std::atomic<int> wins = 0;
  auto contend = [&] {
    for (int i = 0; i < rounds; ++i) {
      auto last = tail(*log, 3);
      auto expected = last.value() ? last.value()->number : none;
      auto result = append(*log, 3, expected, record(*log, 3, "contended"));
      ++callbacks;
      if (result.status == append_status::appended) {
        ++wins;
      } else if (result.status != append_status::fenced) {
        ++odd;
      }
    }
  };
  std::vector<std::jthread> all;
  for (int i = 0; i < threads; ++i) all.emplace_back(contend);
  all.clear();
  EXPECT_EQ(callbacks, threads * rounds);
  EXPECT_EQ(odd, 0);
  EXPECT_GE(wins, rounds);  // whoever loses a round lost it to a win of its own
  EXPECT_EQ(drain(*log->read(0, 3)).size(), static_cast<std::size_t>(wins));
}

TEST_P(journal_conformance, partitions_are_written_side_by_side) {
  constexpr int each = 50;
  auto log = open();
  std::vector<std::vector<record_number>> made(partitions);
  {
    std::vector<std::jthread> writers;
    for (journal::partition_id p = 0; p < partitions; ++p) {
      writers.emplace_back([&, p] { made[p] = fill(*log, p, each); });
    }
  }
  std::set<record_number> all;
  for (journal::partition_id p = 0; p < partitions; ++p) {
    ASSERT_EQ(made[p].size(), static_cast<std::size_t>(each));
    EXPECT_EQ(numbers(drain(*log->read(0, p))), made[p]);
    all.insert(made[p].begin(), made[p].end());
  }
  EXPECT_EQ(numbers(drain(*log->read(0))), std::vector(all.begin(), all.end()));
}

TEST_P(journal_conformance, every_callback_runs_once_and_before_the_destructor_ends) {
  constexpr int requests = 200;
  std::vector<std::atomic<int>> appends(requests);
  std::atomic<int> winners = 0;
  std::atomic<int> reads = 0;
  auto log = open();
  for (int i = 0; i < requests; ++i) {
    auto partition = static_cast<journal::partition_id>(i) % partitions;
    log->append(partition, none, record(*log, partition, "burst"), [&, i](journal::append_result result) {
      ++appends[static_cast<std::size_t>(i)];
      if (result.status == append_status::appended) ++winners;
    });
    log->tail(partition, [&](auto) { ++reads; });
    log->successor(partition, none, [&](auto) { ++reads; });
  }
  log.reset();
  EXPECT_TRUE(std::ranges::all_of(appends, [](const auto& count) { return count == 1; }));
  EXPECT_EQ(reads, 2 * requests);
  EXPECT_LE(winners, static_cast<int>(partitions));
}

}  // namespace quipu::test
