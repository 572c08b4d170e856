/// What a runtime knows about itself, for people, dashboards and tests. All of it are copies.
#pragma once

#include <quipu/journal/position.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quipu {

enum class partition_phase : std::uint8_t {
  opening,
  serving,
  closing,
  closed,
  superseded,  ///< another process owns it now
  failed,      ///< its journal cannot be understood or refused the claim; `why` says it
};
std::string_view name_of(partition_phase phase);

/// One word for how full a queue is: below a quarter of its bound, below three quarters, above.
enum class backlog : std::uint8_t { ok, low, high };
std::string_view name_of(backlog word);

struct partition_status {
  std::uint32_t partition = 0;
  partition_phase phase = partition_phase::opening;
  std::string why;          ///< of superseded and failed
  std::uint64_t epoch = 0;  ///< which term of ownership this is
  record_number tail = 0;   ///< its last durable record
  quipu::position floor;    ///< replay would start here

  std::uint64_t queued_commands = 0;  ///< admitted and not done with
  std::uint64_t queued_bytes = 0;
  quipu::backlog backlog = backlog::ok;
  std::uint64_t overloaded = 0;  ///< commands refused for want of room, here or by the entity's own bound

  std::uint64_t resident_entities = 0;
  std::uint64_t unsaved_entities = 0;  ///< with events that no snapshot holds
  std::uint64_t quarantined_entities = 0;
  std::uint64_t tail_events = 0;  ///< what replay would read
  std::chrono::milliseconds predicted_recovery{0};

  std::uint64_t commits = 0;  ///< these four since opening
  std::uint64_t batches = 0;
  std::uint64_t repeats = 0;
  std::uint64_t snapshots_loaded = 0;
  std::vector<std::string> notes;  ///< what was found wrong and rebuilt, newest last, bounded
};

/// How the last opening went.
struct recovery_status {
  std::chrono::milliseconds took{0};  ///< from the first claim until all partitions served
  std::uint64_t snapshots_loaded = 0;
  std::uint64_t events_replayed = 0;
  double events_per_second = 0;  ///< 0 where the replay was too short to tell
};

struct node_status {
  std::string domain;
  std::string owner;
  std::vector<partition_status> partitions;

  std::uint64_t queued_commands = 0;
  std::uint64_t overloaded = 0;
  std::uint64_t resident_entities = 0;
  std::uint64_t quarantined_entities = 0;
  std::uint64_t tail_events = 0;
  std::uint64_t commits = 0;
  std::uint64_t batches = 0;
  quipu::backlog backlog = backlog::ok;  ///< the worst of the partitions'

  recovery_status recovery;
  double replay_rate = 0;  ///< events a second that the prediction reckons with
  bool replay_rate_measured = false;
  std::chrono::milliseconds predicted_recovery{0};
  std::vector<std::string> notes;  ///< about the node: a checkpoint that was thrown away, and why
};

/// A partition that had not finished when the time for closing ran out.
struct open_partition {
  std::uint32_t partition = 0;
  std::uint64_t commands = 0;  ///< told `unknown_outcome` or `not_open`
  std::uint64_t entities = 0;  ///< without a snapshot of their last events: they will be replayed
};

struct close_report {
  std::chrono::milliseconds took{0};
  std::uint64_t unanswered_commands = 0;
  std::uint64_t unsaved_entities = 0;
  std::vector<open_partition> open;  ///< empty: everything was answered and saved

  bool complete() const { return open.empty(); }
};

}  // namespace quipu
