/// What a node keeps so that it need not replay its whole journal: its snapshots, for tools to read beside it and to make anew.
///
/// Checkpoints are a cache of the journal: nothing is lost with them but the time to replay.
#pragma once

#include <quipu/entity_image.hpp>
#include <quipu/journal/failure.hpp>
#include <quipu/journal/journal.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quipu {

/// The snapshots of one category in one partition.
struct checkpointed_category {
  std::string category;
  id128 fingerprint;     ///< port::entity_type::fingerprint of the program that made them
  position replay_from;  ///< every event before this is in a snapshot
  std::uint64_t snapshots = 0;
};

/// An entity that the runtime could not replay.
struct quarantined_entity {
  std::string category;
  std::string key;
  position replay_from;
  std::string why;
};

struct checkpointed_partition {
  journal::partition_id partition = 0;
  record_number newest =
      0;  ///< the newest record of which an event may be in a snapshot; 0: there is no checkpoint
  checksum newest_sum;  ///< record_view::sum() of that record
  std::vector<checkpointed_category> categories;
  std::vector<quarantined_entity> quarantined;
};

/// One entity's snapshot.
struct stored_snapshot {
  std::string category;
  std::string key;
  id128 incarnation;  ///< of the journal that it was made from
  id128 fingerprint;
  std::uint64_t sequence = 0;
  quipu::position position;                    ///< of the last event in it
  std::int64_t time_us = 0;                    ///< of that event's commit; 0 where an older program made it
  bool exists = false;                         ///< false: the entity ended; there is no state
  bytes state;                                 ///< as port::entity_type::load takes it
  std::vector<remembered_command> remembered;  ///< oldest first
  std::size_t marks = 0;                       ///< of reactions' commands
  std::uint64_t size = 0;                      ///< bytes of the whole
};

namespace checkpoint {
class lmdb_checkpoints;
}

/// Reads the checkpoints in a node's directory, beside the runtime that writes them. One thread at a time. Failures:
/// `not_found` where there are none, `corrupt` for what does not hold, naming it.
class checkpoints {
 public:
  /// `directory`: the node's (options.directory).
  static journal::result<checkpoints> open(const std::filesystem::path& directory);
  ~checkpoints();
  checkpoints(checkpoints&&) noexcept;
  checkpoints& operator=(checkpoints&&) noexcept;

  id128 incarnation() const;         ///< of the journal that they belong to
  std::uint32_t partitions() const;  ///< of that journal

  journal::result<checkpointed_partition> partition(journal::partition_id which);
  journal::result<std::optional<stored_snapshot>> find(std::string_view category, std::string_view key);

  /// A snapshot, or why it cannot be read. False: no more of them.
  using visitor = std::function<bool(journal::partition_id, std::string_view category, std::string_view key,
                                     journal::result<stored_snapshot>)>;
  /// All of them, in no order that would mean anything. Looks a few hundred at a time, so it does not keep a writer's old pages
  /// and may see what was written since it began.
  journal::result<void> each(const visitor& see);

  /// Compares number and digest of all snapshots with what was written: what is missing, too many or exchanged shows.
  journal::result<void> check();

 private:
  explicit checkpoints(std::unique_ptr<checkpoint::lmdb_checkpoints> store);
  std::unique_ptr<checkpoint::lmdb_checkpoints> store_;
};

/// Makes a node's checkpoints anew, beside those that it has: in DIRECTORY/checkpoints.new, until promote(). Killed at any
/// time, it leaves the old ones as they are; what it made is removed by the next one. One thread at a time.
class checkpoint_rebuild {
 public:
  /// Holds the directory as a runtime does, until it is destroyed: `locked` names the process that has it.
  static journal::result<checkpoint_rebuild> begin(const std::filesystem::path& directory,
                                                   const journal::identity& of);
  ~checkpoint_rebuild();  ///< removes what was not promoted
  checkpoint_rebuild(checkpoint_rebuild&&) noexcept;

  /// Stores an entity, in the place of what was stored of it before.
  journal::result<void> put(journal::partition_id partition, std::string_view key,
                            const entity_image& entity);
  /// What was stored, to go on with; nothing where there is none.
  journal::result<std::optional<entity_image>> take(journal::partition_id partition, std::string_view key,
                                                    const port::entity_type& type);

  /// Every entity of these types was put as of the partition's record `newest`: replay begins behind it.
  journal::result<void> complete(journal::partition_id partition, record_number newest, const checksum& sum,
                                 std::span<const port::entity_type* const> types);

  /// Checks what was made and puts it into the place of the old ones, in one step where the file system can. `kept`: the
  /// old ones stay in DIRECTORY/checkpoints.old.
  journal::result<void> promote(bool keep_old);

 private:
  struct state;
  explicit checkpoint_rebuild(std::unique_ptr<state> begun);
  journal::result<void> write();
  std::unique_ptr<state> state_;
};

}  // namespace quipu
