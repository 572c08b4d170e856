/// One pass over a journal for several who take its records: read, decoded and checked once, ahead of them.
#pragma once

#include "projections/follower.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace quipu::projecting {

/// Thread-safe. Its own thread reads; one thread for each taker calls next().
class record_stream {
 public:
  using batch = std::shared_ptr<const std::vector<followed_record>>;
  struct range {
    progress from;            ///< what comes behind it; nothing of it is read again but its last record
    record_number first = 0;  ///< as the follower's
    record_number last = 0;   ///< inclusive; or the journal's end, where that comes first
    std::chrono::milliseconds patience{0};  ///< how long the journal may be out of reach
  };

  record_stream(journal::journal& from, range what, std::size_t takers);
  ~record_stream();
  record_stream(const record_stream&) = delete;
  record_stream& operator=(const record_stream&) = delete;

  /// The next records for this taker, one or more; nothing: that was all, it was stopped or it failed.
  batch next(std::size_t taker);
  /// Nobody gets more.
  void stop();

  /// Once a taker got nothing: why, where it was a failure.
  std::optional<failure> trouble() const;
  /// Where it reads.
  record_number at() const;
  /// Whether the journal ended where it reads.
  bool at_end() const;
  /// Why it waits, while the journal is out of reach; else empty.
  std::string waiting() const;

 private:
  void run();
  result<std::optional<followed_record>> read();
  bool hand_out(batch records);

  progress where_;
  const range what_;
  follower follower_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::deque<batch>> waiting_for_;  // by taker
  bool over_ = false;
  bool stopped_ = false;
  bool at_end_ = false;
  record_number at_ = 0;
  std::string waiting_;
  std::optional<failure> trouble_;
  std::thread thread_;  // last: it uses all of them
};

}  // namespace quipu::projecting
