/// The one thread that appends: group commit, fencing, and what to do when a commit fails.
#pragma once

#include "lmdb/log_store.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace quipu::journal::lmdb {

class group_writer {
 public:
  group_writer(log_store& store, log_end end);
  /// Finishes what was queued.
  ~group_writer();

  void append(partition_id partition, record_number expected, std::shared_ptr<const bytes> record,
              append_callback done);

  /// The number of a partition's last durable record; `unavailable` while it is not known.
  result<record_number> last_of(partition_id partition);

 private:
  struct request {
    partition_id partition = 0;
    record_number expected = 0;
    std::shared_ptr<const bytes> record;
    append_callback done;
    append_result answer;
  };

  void run();
  void serve(std::span<request> requests);
  void commit(std::span<request> group);
  void plan(std::span<request> group);
  result<void> store(storage::write_transaction& write, std::span<request> group);
  void publish();
  void roll_back();
  void answer_not_stored(std::span<request> group, append_status status, const std::string& why,
                         error_code code = error_code::journal_refused);
  void settle(std::span<request> group, const failure& why);
  result<bool> find_and_confirm(const request& one);
  bool revive();
  void go_down(const std::string& why);
  static void call_back(std::span<request> group);

  log_store& store_;

  // The writer's own view: ahead of what is durable while a group is being committed.
  log_end ahead_;
  std::vector<partition_id> touched_;
  storage::planned_work work_;

  std::mutex end_mutex_;  // guards what follows
  log_end end_;           // durable
  std::optional<std::string> down_;

  std::mutex queue_mutex_;  // guards what follows
  std::condition_variable queue_moved_;
  std::vector<request> queue_;
  bool stop_ = false;
  bool wake_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace quipu::journal::lmdb
