/// Reads a stream in order through a consumer of its own that is driven by pull requests.
///
/// Requests go out before the last is used up, and never for more than a few MB that nobody has read; a consumer that
/// falls silent, skips a message or belonged to a lost link is made anew at the exact next record.
#pragma once

#include "jetstream/client.hpp"
#include "jetstream/stream.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace quipu::journal::jetstream {

class pull_cursor final : public cursor {
 public:
  /// `over` and `names` must outlive it.
  pull_cursor(client& over, const subjects& names, record_number from, std::optional<partition_id> only);
  ~pull_cursor() override;

  /// Blocks while records are on their way. `unavailable`: no progress for patience::answer.
  result<std::optional<stored_record>> next() override;

 private:
  using clock = std::chrono::steady_clock;
  struct arrival;
  class inbox;
  struct pull {
    std::uint64_t number = 0;
    std::uint32_t messages_left = 0;
    clock::time_point sent;
  };
  struct consumer {
    std::string name;
    std::uint64_t generation = 0;
    std::uint64_t received = 0;  ///< the consumer's own count: a gap in it is a lost message
    std::vector<pull> pulls;
  };

  std::optional<stored_record> take_buffered();
  void understand(arrival& next, std::optional<stored_record>& out);
  void use_up_one();
  bool collect(std::chrono::milliseconds patience);
  bool knows_more() const { return next_ <= end_ && empty_up_to_ < end_; }
  result<void> ask_end();
  failure told_of_open(failure why) const;
  result<void> make_consumer();
  void drop_consumer();
  void top_up();
  void ask_after_silence();

  client& client_;
  const subjects& names_;
  const std::optional<partition_id> only_;
  record_number next_;             ///< where a new consumer begins
  record_number end_ = 0;          ///< the journal's end when it was last asked for
  record_number empty_up_to_ = 0;  ///< nothing is to come up to here, though the stream's numbers go on
  std::shared_ptr<inbox> inbox_;
  mailbox_address address_;
  std::uint64_t made_ = 0;  ///< consumers: each has its number in its name
  std::optional<consumer> consumer_;
  std::uint64_t last_pull_ = 0;
  std::deque<arrival> buffered_;
  std::size_t buffered_bytes_ = 0;
  clock::time_point heard_;
};

}  // namespace quipu::journal::jetstream
