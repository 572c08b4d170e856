/// Counts the records that come in, by interval.
#pragma once

#include <cstdint>
#include <map>
#include <quipu/journal/record.hpp>
#include <vector>

#include "reading/recent_records.hpp"
#include "top/figures.hpp"

namespace quipu::tool {

class meter {
 public:
  /// Epochs, owners and how large records are, from before it began.
  explicit meter(const recent_records& before);

  /// `now_us`: when the record could be read.
  void count(const journal::stored_record& stored, const journal::record_view& view, std::int64_t now_us);
  /// What the interval was that ends now; begins the next one.
  void take(double seconds, figures& into);
  /// Of the records that it knows.
  double events_a_record() const;

 private:
  std::map<journal::partition_id, partition_figures>
      partitions_;  // events_per_second: events of the interval
  std::uint64_t commands_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t records_ = 0;
  std::vector<std::int64_t> delays_us_;
  std::uint64_t all_records_;
  std::uint64_t all_events_;
  std::deque<double> history_;
};

}  // namespace quipu::tool
