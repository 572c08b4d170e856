/// The one thread that reads the journal for partitions: their tails at opening, one entity's history later.
#pragma once

#include "host/postbox.hpp"

#include <quipu/journal/journal.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace quipu::host {

/// Tails are read in one pass for all partitions, from the smallest position any of them needs. What is on
/// its way to a partition is bounded in bytes; a partition that must see an entity's history before it takes
/// more of its tail gets the history first, in the middle of the pass, so the two cannot wait for each other.
/// Any thread.
class replayer {
 public:
  using clock = std::chrono::steady_clock;

  /// `partitions[i]` gets what was read for partition i.
  replayer(journal::journal& from, std::size_t partitions);
  /// Breaks off what is under way.
  ~replayer();
  void start(std::vector<std::shared_ptr<postbox>> partitions);

  /// Feed `partition` with its records from `from` on, marked as of its `pass`; an earlier request of it is
  /// void. The pass begins when every partition has asked or is finished, or half a second after the first
  /// asked: whoever comes later gets a pass of its own.
  void replay(journal::partition_id partition, std::uint32_t pass, record_number from);
  /// The partition needs no (more) replay: it serves, or it never will.
  void finished(journal::partition_id partition);
  /// Feed `partition` with the records that hold commits of an entity. Requests that wait share a scan.
  void rebuild(journal::partition_id partition, std::string category, std::string key);

  /// The partition has taken that much of its tail, or of a history.
  void consumed_tail(journal::partition_id partition, std::size_t bytes);
  void consumed_history(journal::partition_id partition, std::size_t bytes);

  /// From the first request until the last partition was finished; 0 before that.
  clock::duration pass_took() const;

 private:
  enum class lane_phase : std::uint8_t { idle, asked, running, finished };
  struct partition_lane {
    lane_phase phase = lane_phase::idle;
    std::uint32_t pass = 0;      // as the partition counts
    record_number next = 0;      // the first record that was not delivered
    std::size_t on_its_way = 0;  // bytes
    std::size_t history_on_its_way = 0;
    // The thread's own: gathered, not posted.
    std::vector<journal::stored_record> chunk;
    std::size_t chunk_bytes = 0;
  };
  struct wanted_history {
    journal::partition_id partition = 0;
    std::string category;
    std::string key;
  };

  void run();
  bool everyone_asked() const;
  bool anyone_asked() const;
  bool anyone_running() const;
  void run_passes();
  bool pass();
  void deliver(journal::partition_id partition);
  void fail_running(const journal::failure& why);
  void serve_rebuilds();
  bool pause(std::chrono::milliseconds how_long);

  journal::journal& journal_;
  std::vector<std::shared_ptr<postbox>> partitions_;

  mutable std::mutex guard_;
  std::condition_variable changed_;
  std::vector<partition_lane> lanes_;
  std::vector<wanted_history> rebuilds_;
  bool stopping_ = false;
  clock::time_point first_asked_{};
  clock::time_point last_finished_{};
  std::thread thread_;
};

}  // namespace quipu::host
