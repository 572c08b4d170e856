#include <quipu/checkpoints.hpp>

#include "checkpoint/lmdb_checkpoints.hpp"
#include "checkpoint/stored_checkpoints.hpp"
#include "core/durable_entity.hpp"

#include <utility>

namespace quipu {
namespace {

/// `image` is 8-byte aligned.
journal::result<stored_snapshot> unpacked(std::string_view category, std::string_view key, bytes_view image) {
  const auto stored = core::decode_snapshot(image);
  if (!stored) return std::unexpected(stored.error());
  if (stored->category != category || stored->key != key)
    return journal::fail(error_code::checkpoint_damaged, "the snapshot is of another entity, " +
                                                             std::string(stored->category) + "/" +
                                                             journal::escape_key(stored->key));
  core::repeats remembered;
  core::handled_sources handled;
  if (!remembered.load(stored->repeats, stored->newest_forgotten) ||
      (!stored->handled.empty() && !handled.load(stored->handled)))
    return journal::fail(error_code::checkpoint_damaged,
                         "what the snapshot remembers of commands is damaged");
  stored_snapshot out{.category = std::string(stored->category),
                      .key = std::string(stored->key),
                      .incarnation = stored->incarnation,
                      .fingerprint = stored->fingerprint,
                      .sequence = stored->sequence,
                      .position = stored->position,
                      .time_us = stored->time_us,
                      .exists = stored->exists,
                      .state = {stored->state.begin(), stored->state.end()},
                      .remembered = {},
                      .marks = handled.marks(),
                      .size = image.size()};
  for (const auto& one : remembered.all())
    out.remembered.push_back({one.command, one.sequence, one.position, one.time_us});
  return out;
}

}  // namespace

checkpoints::checkpoints(std::unique_ptr<checkpoint::lmdb_checkpoints> store) : store_(std::move(store)) {}
checkpoints::~checkpoints() = default;
checkpoints::checkpoints(checkpoints&&) noexcept = default;
checkpoints& checkpoints::operator=(checkpoints&&) noexcept = default;

journal::result<checkpoints> checkpoints::open(const std::filesystem::path& directory) {
  auto store = checkpoint::lmdb_checkpoints::open_to_read(directory / "checkpoints");
  if (!store) return std::unexpected(store.error());
  return checkpoints(std::move(*store));
}

id128 checkpoints::incarnation() const { return store_->binding().incarnation; }
std::uint32_t checkpoints::partitions() const { return store_->binding().partitions; }

journal::result<checkpointed_partition> checkpoints::partition(journal::partition_id which) {
  const auto found = store_->open(which);
  if (!found) return std::unexpected(found.error());
  checkpointed_partition out{which, found->newest.number, found->newest.sum, {}, {}};
  const auto counts = store_->row_counts(which);
  if (!counts) return std::unexpected(counts.error());
  for (const auto& floor : found->floors) {
    const auto rows = counts->find(floor.category);
    out.categories.push_back(
        {floor.category, floor.fingerprint, floor.floor, rows == counts->end() ? 0 : rows->second});
  }
  for (const auto& one : found->quarantined)
    out.quarantined.push_back({one.category, one.key, one.replay_from, one.why});
  return out;
}

journal::result<std::optional<stored_snapshot>> checkpoints::find(std::string_view category,
                                                                  std::string_view key) {
  const auto where = journal::partition_of(journal::entity_hash(category, key), partitions());
  const auto image = store_->load(where, category, key);
  if (!image) return std::unexpected(image.error());
  if (!*image) return std::nullopt;
  auto read = unpacked(category, key, **image);
  if (!read) return std::unexpected(read.error());
  return std::move(*read);
}

journal::result<void> checkpoints::each(const visitor& see) {
  return store_->each(
      [&](journal::partition_id partition, std::string_view category, std::string_view key,
          const bytes& image) { return see(partition, category, key, unpacked(category, key, image)); });
}

journal::result<void> checkpoints::check() { return store_->verify(); }

}  // namespace quipu
