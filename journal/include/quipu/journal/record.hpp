/// The record format: how a batch of commits becomes bytes and is read in place. See docs/journal_format.md.
#pragma once

#include <quipu/journal/command_source.hpp>
#include <quipu/journal/failure.hpp>
#include <quipu/journal/id.hpp>
#include <quipu/journal/journal.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::journal {

/// A named FlatBuffers table and the schema that describes it.
struct type_ref {
  std::string_view name;
  id128 schema;
  friend bool operator==(const type_ref&, const type_ref&) = default;
};

/// One event or reply: its type and its FlatBuffers buffer.
struct typed_bytes {
  type_ref type;
  bytes_view payload;
};

struct header_view {
  std::string_view name;
  bytes_view value;
};

/// What a writer hands in: everything is copied by batch_builder::add. Also what events() etc. need no copy for.
struct commit {
  std::string_view category;
  std::string_view key;
  std::uint64_t first_sequence = 0;  ///< of events[0]; sequences count from 1
  std::int64_t time_us = 0;
  id128 command;
  std::uint64_t body_hash = 0;
  bool ended = false;
  bool after_expiry = false;  ///< see commit_view
  bool has_reply = false;
  typed_bytes reply;
  std::span<const header_view> headers;
  id128 trace;
  id128 causation;
  std::optional<command_source> source;
  std::span<const typed_bytes> events;
};

/// What is known when a record is sealed.
struct batch_stamp {
  id128 lineage;
  id128 incarnation;
  partition_id partition = 0;
  std::uint64_t epoch = 0;
  id128 id;
  checksum previous;
  std::int64_t time_us = 0;
};

/// Gathers the commits of one record. Reused: seal() leaves it empty, its memory is kept. One thread.
class batch_builder {
 public:
  batch_builder();
  ~batch_builder();
  batch_builder(batch_builder&&) noexcept;
  batch_builder& operator=(batch_builder&&) noexcept;

  /// Copies the commit. Throws std::invalid_argument or std::length_error, for both are bugs, when the category or the
  /// key is not valid, sequences do not begin with 1 or later, or the record would hold more than 65535 events.
  void add(const commit& commit);
  bool empty() const;
  std::uint32_t commits() const;
  std::uint32_t events() const;
  /// No less than the size of the record that seal() would make now.
  std::size_t size_bound() const;
  /// No less than what adding this commit adds to size_bound(): size_bound() + cost_bound(c) <= max_record_bytes means
  /// that it fits.
  static std::size_t cost_bound(const commit& commit);

  /// The encoded record, checksum included.
  std::shared_ptr<const bytes> seal(const batch_stamp& stamp);
  /// Forgets the commits.
  void clear();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The record that begins an epoch.
std::shared_ptr<const bytes> encode_claim(const batch_stamp& stamp, std::string_view owner);

std::shared_ptr<const bytes> encode_header(const identity& about);
result<identity> decode_header(bytes_view data);

/// An event as it lies in a record; views into the record's bytes.
struct event_view {
  std::uint16_t type = 0;  ///< index into record_view::type()
  bytes_view payload;
};

/// A commit as it lies in a record; views into the record's bytes. Events and headers are read by index.
struct commit_view {
  std::string_view category;
  std::string_view key;
  std::uint64_t first_sequence = 0;
  std::uint32_t first_event =
      0;  ///< index of its first event within the record: the low part of its position
  std::uint32_t event_count = 0;
  std::uint32_t header_count = 0;
  std::int64_t time_us = 0;
  id128 command;
  std::uint64_t body_hash = 0;
  bool ended = false;  ///< the entity ends with the last of its events
  /// The entity's time to live was over: it begins again with the first of its events, from a fresh state.
  bool after_expiry = false;
  bool has_reply = false;
  std::uint16_t reply_type = 0;
  bytes_view reply;
  id128 trace;
  id128 causation;
  std::optional<command_source> source;  ///< where a reaction sent the command

  std::uint64_t last_sequence() const { return first_sequence + event_count - 1; }
  event_view event(std::uint32_t index) const;

  const void* raw = nullptr;  ///< the FlatBuffers table, for event() and record_view::header()
};

/// A record read in place. Cheap to move; the bytes must outlive it. After decode() succeeded every index, length and
/// reference has been checked: no accessor can leave the buffer.
class record_view {
 public:
  /// Checks envelope, checksum and structure. Survives any bytes at all. `data` must be 8-byte aligned.
  static result<record_view> decode(bytes_view data);

  batch_stamp stamp() const;
  /// This record's own checksum: the next one's `previous`.
  checksum sum() const { return sum_; }
  bool is_claim() const;
  std::string_view owner() const;  ///< of a claim; empty otherwise

  std::uint32_t commit_count() const;
  std::uint32_t event_count() const;
  commit_view commit_at(std::uint32_t index) const;
  header_view header(const commit_view& commit, std::uint32_t index) const;

  std::uint32_t type_count() const;
  type_ref type(std::uint32_t index) const;

 private:
  const void* batch_ = nullptr;
  checksum sum_;
  std::vector<std::uint32_t> first_events_;
};

/// `category/key@sequence`: what an event is called for ever. The key is escaped for people to read.
std::string event_id(std::string_view category, std::string_view key, std::uint64_t sequence);
/// Printable ASCII as it is, everything else (and the backslash) as \xHH.
std::string escape_key(std::string_view key);
/// The reverse of escape_key(); nothing for text that escape_key() does not make.
std::optional<std::string> unescape_key(std::string_view text);

/// [a-z0-9_.-]{1,64}
bool valid_category(std::string_view category);
/// 1 to 255 bytes of any kind.
bool valid_key(std::string_view key);

/// Which partition owns an entity: XXH3-64 over the length-prefixed category and the key, modulo the partitions.
std::uint64_t entity_hash(std::string_view category, std::string_view key);
inline partition_id partition_of(std::uint64_t entity_hash, std::uint32_t partitions) {
  return static_cast<partition_id>(entity_hash % partitions);
}

}  // namespace quipu::journal
