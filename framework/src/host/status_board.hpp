/// Where partitions write what others wait for: their phase when it changes, their figures when somebody
/// asks.
#pragma once

#include "core/partition.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

namespace quipu::host {

/// Any thread.
class status_board {
 public:
  using clock = std::chrono::steady_clock;

  explicit status_board(std::size_t partitions) : slots_(partitions) {}

  void publish(std::size_t partition, core::partition_status now);

  /// Waits until every partition's phase satisfies `enough`; false when the time ran out.
  bool await(const std::function<bool(core::phase)>& enough, clock::time_point until);
  /// Waits until every partition has published after `since`; false when the time ran out.
  bool await_newer(const std::vector<std::uint64_t>& since, clock::time_point until);

  std::vector<core::partition_status> all() const;
  /// How often each partition has published.
  std::vector<std::uint64_t> versions() const;

 private:
  struct slot {
    core::partition_status status;
    std::uint64_t version = 0;
  };
  mutable std::mutex guard_;
  std::condition_variable changed_;
  std::vector<slot> slots_;
};

}  // namespace quipu::host
