/// Everything about a partition that is not its state machine: carries out the effects of core::partition.
///
/// Knows nothing of CAF, so that it can be run under ThreadSanitizer and without actors. One thread at a
/// time.
#pragma once

#include "core/partition.hpp"
#include "host/clocks.hpp"
#include "host/inbox.hpp"
#include "host/notice_board.hpp"
#include "host/postbox.hpp"
#include "host/replayer.hpp"
#include "host/snapshot_writer.hpp"
#include "host/status_board.hpp"
#include "log/logger.hpp"

#include <quipu/journal/journal.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::host {

/// What partitions share; all of it outlives them.
struct surroundings {
  journal::journal& journal;
  core::checkpoint_store& checkpoints;
  snapshot_writer& snapshots;
  host::replayer& replayer;
  status_board& board;
  notice_board& notices;
  wall_clock clock;
  log::logger log;
};

class partition_host {
 public:
  partition_host(core::partition_config config, surroundings around, host::inbox& from);

  /// Where the answers of the journal, the writer and the replayer go. Before everything else.
  void attach(std::shared_ptr<postbox> self) { self_ = std::move(self); }

  void deliver(core::any_input input);
  /// Takes what waits in the inbox.
  void serve_inbox();
  void tick();
  void report();

  /// When a tick is due that was not asked for before, by timer_us(); 0: none. An
  /// earlier one that is on its way is void then.
  core::time_us take_alarm();
  /// Counts alarms: a tick for another one than the present comes too late.
  std::uint64_t alarm() const { return alarm_; }

 private:
  void run(core::any_input input);
  void run_queue();
  void step(core::any_input input);
  void carry_out();
  void discard(const core::effect::discard& what);
  void load(core::effect::load& what);
  void write(core::snapshot_group group);
  void answer();
  void log_fault(const error& what);
  void take_commands();
  void watch_phase();
  void tell_phase(core::phase phase);
  void tell_notes();
  void break_down(std::string why);
  bool retry_discards();
  bool was_discarded(std::string_view category) const;

  const core::partition_config config_;
  surroundings around_;
  host::inbox& inbox_;
  std::shared_ptr<postbox> self_;
  std::unique_ptr<core::partition> partition_;  // null once it broke down
  std::string broken_;

  core::effects effects_;
  std::deque<core::any_input> queue_;             // what follows from effects that were carried out at once
  std::deque<core::input::replayed> tail_parts_;  // until the partition wants them
  std::vector<core::command_ptr> taken_;          // reused
  std::vector<core::effect::discard> owed_;       // discards that the store refused
  log::rate_limit faults_;

  core::phase seen_ = core::phase::created;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  core::time_us alarm_at_ = 0;  // of the tick that is on its way
  core::time_us new_alarm_ = 0;
  std::uint64_t alarm_ = 0;
};

}  // namespace quipu::host
