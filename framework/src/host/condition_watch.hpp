/// Finds what begins and ends in a node as a whole: overload, and a journal that does not settle anything.
///
/// Looks at figures that are gathered once a second anyway: commands pay nothing for it, and what lasts less than a
/// moment is no news.
#pragma once

#include "core/partition.hpp"
#include "host/notice_board.hpp"

#include <cstdint>
#include <vector>

namespace quipu::host {

/// One thread.
class condition_watch {
 public:
  explicit condition_watch(notice_board& board) : board_(board) {}

  /// `refused`: how many commands each partition has refused for want of room, since opening.
  void look(const std::vector<core::partition_status>& partitions, std::vector<std::uint64_t> refused,
            core::time_us now);

 private:
  void look_for_overload(std::vector<std::uint64_t> refused);
  void look_at_the_journal(const std::vector<core::partition_status>& partitions, core::time_us now);

  notice_board& board_;
  std::vector<std::uint64_t> refused_;
  bool overloaded_ = false;
  int calm_looks_ = 0;
  core::time_us lost_since_ = 0;  // 0: it answers
};

}  // namespace quipu::host
