/// Writes events of accounts into a journal as an owner would, and as one would not: copied, of unknown types.
#pragma once

#include <quipu/journal/journal.hpp>
#include <quipu/journal/position.hpp>
#include <quipu/journal/record.hpp>
#include <quipu/table.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace quipu::test {

/// An event, packed.
struct written_event {
  port::named_type type;
  bytes payload;

  template <described_table E>
  static written_event of(const E& event) {
    const auto packed = pack(event);
    return {named_type_of<E>(), {packed.begin(), packed.end()}};
  }
};

/// The events of one command to one entity.
struct written_commit {
  std::string key;
  std::vector<written_event> events;
  std::uint64_t first_sequence = 0;  ///< 0: after the entity's last one
  std::string category = "account";
};

/// The only writer of its journal. Anything that goes wrong throws. One thread.
class journal_writer {
 public:
  explicit journal_writer(journal::journal& to);

  /// When what is written from now on was decided, as the events themselves tell.
  void set_time(std::chrono::sys_time<std::chrono::microseconds> time) {
    time_us_ = time.time_since_epoch().count();
  }

  /// One commit with these events, in a record of its own.
  template <described_table... E>
  position append(const std::string& key, const E&... events) {
    return append({{key, {written_event::of(events)...}}});
  }
  /// One record, in the partition of the first one's entity. Gives the position of its last event.
  position append(std::vector<written_commit> commits);
  /// The same as it was written before, sequences included: a copy of those events at a later position.
  position append_copy_of_last();
  /// All that it wrote, record by record.
  position append_copy_of_all();
  /// A record without events.
  void append_claim(journal::partition_id partition);

 private:
  journal::batch_stamp stamp_for(journal::partition_id partition) const;
  record_number append(journal::partition_id partition, std::shared_ptr<const bytes> record);

  journal::journal& to_;
  std::int64_t time_us_ = 1'700'000'000'000'000;
  std::map<journal::partition_id, std::pair<record_number, checksum>> tails_;
  std::map<std::string, std::uint64_t> sequences_;
  std::vector<std::vector<written_commit>> written_;
};

}  // namespace quipu::test
