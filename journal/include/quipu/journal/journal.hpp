/// The journal port: a durable log of records, ordered as a whole and fenced by partition.
///
/// A backend implements this file and nothing else; tests/conformance defines what it must do. The model is
/// that of a log with optimistic concurrency (Raft's log, JetStream's expected last sequence): whoever appends
/// says which record it saw last, and only one of two writers can be right.
///
/// Threads: every member may be called from any thread. Lifetime: cursors must not outlive their journal, and
/// the destructor waits until every callback has run.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/id.hpp>
#include <quipu/journal/position.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quipu::journal {

using partition_id = std::uint32_t;

/// What the header record says; fixed when the journal is created.
struct identity {
  id128 lineage;      ///< the same in every copy of this journal
  id128 incarnation;  ///< of this very copy; checkpoints and projections bind to it
  std::uint32_t partitions = 0;
  std::uint32_t max_record_bytes = 0;  ///< of one encoded record; append refuses more
  std::int64_t created_us = 0;         ///< microseconds since the Unix epoch
  std::string creator;                 ///< program and version, for people
};

/// One record as it is stored. `data` is 8-byte aligned and lives as long as `keep` (or a copy of it) does.
struct stored_record {
  record_number number = 0;
  partition_id partition = 0;
  bytes_view data;
  std::shared_ptr<const void> keep;
};

/// The closed set of what can become of an append.
enum class append_status : std::uint8_t {
  appended,     ///< durable, as the journal's durability setting defines it; `number` says where
  fenced,       ///< the partition's last record is not the expected one (it may be our own earlier attempt:
                ///< the successor of the expected tail tells)
  refused,      ///< not stored and never will be: too large, out of space; `reason` says which
  unavailable,  ///< not sent: the same record may be sent again
  unknown,      ///< may or may not be stored: only the successor of the expected tail tells
};

struct append_result {
  append_status status = append_status::unknown;
  record_number number = 0;
  std::string reason;
  error_code code = error_code::journal_refused;  ///< of what was refused; one of the kind `refused`
};

using append_callback = std::move_only_function<void(append_result)>;
using record_callback = std::move_only_function<void(result<std::optional<stored_record>>)>;

/// A pull cursor over records in the journal's order. One thread at a time. Read-ahead is bounded (a few MB), and no
/// resource of the storage engine is held between two calls.
class cursor {
 public:
  virtual ~cursor() = default;
  /// The next record; nothing when the cursor has caught up with the journal's end (a later call may find more).
  virtual result<std::optional<stored_record>> next() = 0;
};

/// What a schema is stored under: the hash of its canonical form (quipu/journal/schema.hpp).
struct stored_schema {
  id128 hash;
  bytes binary;  ///< the binary FlatBuffers schema (bfbs)
};

/// Figures about the whole journal, for people and tools.
struct summary {
  std::uint64_t records = 0;  ///< in partitions: headers and schemas do not count
  std::uint64_t bytes = 0;    ///< that these records take, with what the backend keeps beside them
  record_number first = 0;
  record_number last = 0;
  std::string durability;  ///< in words: what an acknowledged record survives
  /// Whether it survives a power cut, as far as the disk keeps what it says it has synced; nothing: nobody tells.
  std::optional<bool> survives_power_cut;
  /// Bytes by which it can still grow (nats://: when it was opened); nothing: nobody tells.
  std::optional<std::uint64_t> room;
};

class journal {
 public:
  virtual ~journal() = default;

  virtual const identity& about() const = 0;

  /// Appends `record` to `partition` if the partition's last record is number `expected` (0: it has none). The callback
  /// runs exactly once, on a thread of the journal or on the caller's; it must not block. The bytes are shared, not copied,
  /// until the callback has run.
  virtual void append(partition_id partition, record_number expected, std::shared_ptr<const bytes> record,
                      append_callback done) = 0;

  /// The first record of `partition` after record number `tail` (0: the very first), read from where appends are decided
  /// (never from a stale copy). Nothing: `tail` is still the partition's last. This is the only verdict on
  /// an unknown append, and the check that a partition is still one's own.
  virtual void successor(partition_id partition, record_number tail, record_callback done) = 0;

  /// The last record of `partition`; nothing when it has none.
  virtual void tail(partition_id partition, record_callback done) = 0;

  /// Records from number `from` on, of all partitions or of one.
  virtual std::unique_ptr<cursor> read(record_number from,
                                       std::optional<partition_id> only = std::nullopt) = 0;

  /// Stores a schema, durable when this returns; storing it again is no error. May block.
  virtual result<void> put_schema(const stored_schema& schema) = 0;
  virtual result<std::vector<stored_schema>> schemas() = 0;

  virtual result<summary> summarize() = 0;
};

}  // namespace quipu::journal
