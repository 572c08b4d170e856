/// The one thread that writes snapshots: partitions hand theirs in and go on.
#pragma once

#include "core/checkpoint.hpp"
#include "host/postbox.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace quipu::host {

/// Takes all groups that wait and writes them in one transaction, so that many partitions share one flush.
/// The queue is bounded by the partitions: each has one group on its way. Any thread.
class snapshot_writer {
 public:
  explicit snapshot_writer(core::checkpoint_store& store);
  /// Writes what was handed in.
  ~snapshot_writer();

  /// `owner` gets input::snapshots_stored.
  void write(core::snapshot_group group, std::shared_ptr<postbox> owner);

 private:
  void run();

  core::checkpoint_store& store_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<core::snapshot_group> groups_;
  std::vector<std::shared_ptr<postbox>> owners_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace quipu::host
