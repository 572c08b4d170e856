/// What a partition keeps outside of the journal so that it need not replay all of it: snapshots and floors.
///
/// A checkpoint is a cache of the journal. Whatever in it cannot be trusted is thrown away and rebuilt, so
/// the port needs no repair: it must be atomic, and it must notice what it lost.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/journal.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::core {

using journal::partition_id;

/// From where a category must be replayed: every event of it before `floor` is in a snapshot. The fingerprint
/// covers the state's schema and version; snapshots under another one mean something else.
struct category_floor {
  std::string category;
  id128 fingerprint;
  position floor;
};

/// The newest record of which an event is in any snapshot. A journal that does not have it lost acknowledged
/// records, and no snapshot of the partition can be trusted.
struct newest_record {
  record_number number = 0;
  checksum sum;
};

/// An entity that could not be replayed, and the position from which it must be, once its program is mended.
struct quarantine {
  std::string category;
  std::string key;
  position replay_from;
  std::string why;
};

/// What opening a partition's checkpoint yields; all empty when there is none.
struct partition_checkpoint {
  std::vector<category_floor> floors;
  newest_record newest;
  std::vector<quarantine> quarantined;
};

struct snapshot_row {
  std::string category;
  std::string key;
  bytes image;  ///< opaque to the store; carries its own checksum (snapshot.hpp)
};

/// One step forward of one partition's checkpoint; a store writes it whole or not at all.
struct snapshot_group {
  partition_id partition = 0;
  std::vector<snapshot_row> rows;
  std::vector<category_floor> floors;
  newest_record newest;
  std::vector<quarantine> quarantined;                        ///< to add
  std::vector<std::pair<std::string, std::string>> released;  ///< (category, key) to take out of quarantine
};

/// Where checkpoints lie. Threads: open() before everything else; load() from any thread, beside write();
/// write() and discard() from any thread, one after the other (the store sees to that).
class checkpoint_store {
 public:
  virtual ~checkpoint_store() = default;

  virtual journal::result<partition_checkpoint> open(partition_id partition) = 0;

  /// The image of one entity; nothing when there is none. May touch the disk, does not wait for a writer.
  virtual journal::result<std::optional<bytes>> load(partition_id partition, std::string_view category,
                                                     std::string_view key) = 0;

  /// All groups in one transaction. A power cut may take the last transactions, never a part of one: what is lost is replayed.
  /// `newest` and floors replace what was there.
  virtual journal::result<void> write(std::span<const snapshot_group> groups) = 0;

  /// Forgets a category of a partition, or all of a partition: floors first, rows with them, in one
  /// transaction.
  virtual journal::result<void> discard(partition_id partition, std::optional<std::string_view> category) = 0;
};

}  // namespace quipu::core
