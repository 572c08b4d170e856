/// What a runtime is made of, and the order in which it comes and goes.
#pragma once

#include "core/checkpoint.hpp"
#include "host/clocks.hpp"
#include "host/condition_watch.hpp"
#include "host/gateway.hpp"
#include "host/notice_board.hpp"
#include "host/notice_log.hpp"
#include "host/partition_actors.hpp"
#include "host/recovery_target.hpp"
#include "host/replayer.hpp"
#include "host/snapshot_writer.hpp"
#include "host/status_board.hpp"
#include "log/logger.hpp"
#include "storage/directory_hold.hpp"

#include <quipu/domain.hpp>
#include <quipu/journal/journal.hpp>
#include <quipu/options.hpp>
#include <quipu/status.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace quipu::host {

/// Any thread, open() and the destructor excepted.
class node {
 public:
  /// `on` null: options.journal is opened. `actors` null: an actor system of its own.
  static result<std::unique_ptr<node>> open(const domain& what, std::unique_ptr<journal::journal> on,
                                            options how, caf::actor_system* actors);
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  gateway& entrance() { return *gateway_; }
  const executor& resume_on() const { return how_.executor; }
  const domain& serves() const { return domain_; }
  std::shared_ptr<journal::journal> log() const { return journal_; }
  node_status status();
  close_report close(std::chrono::milliseconds deadline);
  close_report close() { return close(how_.close_within); }

 private:
  node(const domain& what, options how, caf::actor_system* actors, log::logger log);

  result<void> open_all(std::unique_ptr<journal::journal> on);

  result<void> open_stores(std::unique_ptr<journal::journal> on);
  journal::result<std::unique_ptr<journal::journal>> open_journal() const;
  result<void> store_schemas();
  void note_rebuilt(std::string text);
  result<void> start_partitions();
  result<void> await_serving();
  std::vector<core::partition_status> collect(std::chrono::milliseconds patience);
  void share_out_budgets(const std::vector<core::partition_status>& now);
  std::vector<std::uint64_t> refused(const std::vector<core::partition_status>& now) const;
  void watch();
  void stop_watching();
  close_report report_open(const std::vector<core::partition_status>& now) const;

  const domain domain_;
  options how_;
  const wall_clock clock_;
  const log::logger log_;
  std::vector<std::string> notes_;
  caf::actor_system* const on_;

  // In the order in which they need each other: destroyed from the last to the first.
  storage::directory_hold hold_;
  std::shared_ptr<journal::journal> journal_;
  std::unique_ptr<core::checkpoint_store> checkpoints_;
  std::unique_ptr<status_board> board_;
  notice_board notices_;
  std::unique_ptr<recovery_target> target_;
  std::unique_ptr<gateway> gateway_;
  std::vector<std::shared_ptr<postbox>> doors_;
  std::unique_ptr<snapshot_writer> snapshots_;
  std::unique_ptr<replayer> replayer_;
  std::unique_ptr<partition_actors> actors_;

  recovery_status recovery_;
  bool had_checkpoint_ = false;
  std::mutex closing_;
  bool closed_ = false;
  close_report closed_with_;

  std::mutex watch_guard_;
  std::condition_variable watch_changed_;
  bool watch_stops_ = false;
  std::thread watch_;
};

}  // namespace quipu::host
