/// What `quipu top` shows of one interval.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <string>
#include <vector>

#include "terminal/printing.hpp"

namespace quipu::tool {

struct partition_figures {
  journal::partition_id number = 0;
  double events_per_second = 0;
  std::uint64_t epoch = 0;
  std::string owner;         ///< of its last claim that was seen; empty: none was
  std::int64_t last_us = 0;  ///< when its last record was written; 0: it has none
};

struct projection_figures {
  std::string name;
  std::string state;  ///< kept, not kept, paused, failed, unreadable, another journal, none live
  std::optional<std::uint64_t> lag_events;  ///< an estimate; nothing where it can't be told
  std::optional<double> lag_seconds;
  std::optional<double> events_per_second;  ///< from the second look on
  std::uint64_t dead_letters = 0;
};

struct figures {
  std::string url;  ///< without secrets
  std::int64_t time_us = 0;
  double seconds = 0;  ///< that the interval took
  double commands_per_second = 0;
  double events_per_second = 0;
  double bytes_per_second = 0;
  double records_per_second = 0;
  std::optional<double> delay_p50_ms;  ///< nothing where there were no commits
  std::optional<double> delay_p99_ms;
  std::vector<partition_figures> partitions;  ///< the busiest first
  bool looks_at_projections = false;
  std::vector<projection_figures> projections;
  std::deque<double> history;  ///< events a second of the last intervals, oldest first
  std::string trouble;         ///< why the journal can't be read now; empty: it can
};

/// One object.
json object_of(const figures& now);
/// Printable ASCII, no line longer than `columns` and no more of them than `rows`: on a small screen the busiest partitions and
/// the first projections. `columns` is at least 20.
std::vector<std::string> picture_of(const figures& now, std::size_t columns, std::size_t rows);

}  // namespace quipu::tool
