#include <quipu/checkpoints.hpp>

#include "checkpoint/lmdb_checkpoints.hpp"
#include "checkpoint/stored_checkpoints.hpp"
#include "core/durable_entity.hpp"
#include "storage/directory_hold.hpp"
#include "storage/trouble.hpp"

#include <cerrno>
#include <cstdio>
#include <exception>
#include <limits>
#include <map>
#include <system_error>
#include <utility>

#include <fcntl.h>

namespace quipu {
namespace {

constexpr std::size_t group_bytes = std::size_t{4} << 20U;

journal::failure not_moved(const std::filesystem::path& from, const std::filesystem::path& to, int error) {
  return {error_code::storage_permission,
          "cannot move " + from.string() + " to " + to.string() + ": " + storage::system_text(error)};
}

journal::result<void> move_to(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return {};
  return std::unexpected(not_moved(from, to, errno));
}

journal::result<void> erase_all(const std::filesystem::path& what) {
  std::error_code error;
  std::filesystem::remove_all(what, error);
  if (!error) return {};
  return journal::fail(error_code::storage_permission,
                       "cannot remove " + what.string() + ": " + error.message());
}

}  // namespace

struct checkpoint_rebuild::state {
  storage::directory_hold hold;
  std::filesystem::path directory;
  id128 incarnation;
  std::unique_ptr<core::checkpoint_store> store;
  std::map<journal::partition_id, core::snapshot_group> open;  // put, not yet written
  std::size_t open_bytes = 0;
  bytes scratch;

  std::filesystem::path live() const { return directory / "checkpoints"; }
  std::filesystem::path made() const { return directory / "checkpoints.new"; }
  std::filesystem::path old() const { return directory / "checkpoints.old"; }
};

checkpoint_rebuild::checkpoint_rebuild(std::unique_ptr<state> begun) : state_(std::move(begun)) {}
checkpoint_rebuild::checkpoint_rebuild(checkpoint_rebuild&&) noexcept = default;

checkpoint_rebuild::~checkpoint_rebuild() {
  if (!state_ || !state_->store) return;
  state_->store.reset();
  std::error_code ignored;  // the next one removes it
  std::filesystem::remove_all(state_->made(), ignored);
}

journal::result<checkpoint_rebuild> checkpoint_rebuild::begin(const std::filesystem::path& directory,
                                                              const journal::identity& of) {
  auto hold = storage::directory_hold::take(directory, true);
  if (!hold) return std::unexpected(hold.error());
  auto begun = std::make_unique<state>();
  begun->hold = std::move(*hold);
  begun->directory = directory;
  begun->incarnation = of.incarnation;
  if (auto gone = erase_all(begun->made()); !gone) return std::unexpected(gone.error());
  auto store = checkpoint::open_lmdb(begun->made(), of.incarnation, of.partitions);
  if (!store) return std::unexpected(store.error());
  begun->store = std::move(store->store);
  return checkpoint_rebuild(std::move(begun));
}

journal::result<void> checkpoint_rebuild::put(journal::partition_id partition, std::string_view key,
                                              const entity_image& entity) {
  bytes row;
  try {
    row = core::encode(*entity.made_, {entity.type(), key, state_->incarnation}, state_->scratch);
  } catch (const std::exception& why) {
    return journal::fail(error_code::checkpoint_damaged, "the state of " + entity.type().category + "/" +
                                                             journal::escape_key(key) +
                                                             " cannot be saved: " + why.what());
  }
  auto& group = state_->open[partition];
  group.partition = partition;
  state_->open_bytes += row.size();
  group.rows.push_back({entity.type().category, std::string(key), std::move(row)});
  return state_->open_bytes < group_bytes ? journal::result<void>{} : write();
}

journal::result<void> checkpoint_rebuild::write() {
  std::vector<core::snapshot_group> groups;
  for (auto& [partition, group] : std::exchange(state_->open, {})) groups.push_back(std::move(group));
  state_->open_bytes = 0;
  return groups.empty() ? journal::result<void>{} : state_->store->write(groups);
}

journal::result<std::optional<entity_image>> checkpoint_rebuild::take(journal::partition_id partition,
                                                                      std::string_view key,
                                                                      const port::entity_type& type) {
  if (auto written = write(); !written) return std::unexpected(written.error());
  auto row = state_->store->load(partition, type.category, key);
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  const auto stored = core::decode_snapshot(**row);
  if (!stored) return std::unexpected(stored.error());
  entity_image out(type);
  if (auto trouble = core::restore(*out.made_, {type, key, state_->incarnation}, *stored,
                                   std::numeric_limits<record_number>::max()))
    return journal::fail(error_code::checkpoint_damaged, *trouble);
  return out;
}

journal::result<void> checkpoint_rebuild::complete(journal::partition_id partition, record_number newest,
                                                   const checksum& sum,
                                                   std::span<const port::entity_type* const> types) {
  if (auto written = write(); !written) return written;
  core::snapshot_group last{.partition = partition,
                            .rows = {},
                            .floors = {},
                            .newest = {newest, sum},
                            .quarantined = {},
                            .released = {}};
  for (const auto* type : types)
    last.floors.push_back({type->category, type->fingerprint, position::start_of(newest + 1)});
  return state_->store->write({&last, 1});
}

journal::result<void> checkpoint_rebuild::promote(bool keep_old) {
  auto& s = *state_;
  if (auto written = write(); !written) return written;
  if (auto sound = checkpoint::verify_lmdb(*s.store); !sound) return sound;
  s.store.reset();
  std::error_code error;
  if (!std::filesystem::exists(s.live(), error)) return move_to(s.made(), s.live());
  if (::renameat2(AT_FDCWD, s.made().c_str(), AT_FDCWD, s.live().c_str(), RENAME_EXCHANGE) == 0) {
    if (!keep_old) return erase_all(s.made());
    if (auto gone = erase_all(s.old()); !gone) return gone;
    return move_to(s.made(), s.old());
  }
  if (errno != EINVAL && errno != ENOSYS) return std::unexpected(not_moved(s.made(), s.live(), errno));
  // A file system that cannot exchange two names: between the two steps there is none, and a runtime would replay.
  if (auto gone = erase_all(s.old()); !gone) return gone;
  if (auto moved = move_to(s.live(), s.old()); !moved) return moved;
  if (auto moved = move_to(s.made(), s.live()); !moved) return moved;
  return keep_old ? journal::result<void>{} : erase_all(s.old());
}

}  // namespace quipu
