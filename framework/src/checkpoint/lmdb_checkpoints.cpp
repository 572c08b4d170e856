#include "checkpoint/lmdb_checkpoints.hpp"

#include "checkpoint/stored_checkpoints.hpp"
#include "storage/directory_hold.hpp"

#include <system_error>
#include <utility>

namespace quipu::checkpoint {

namespace {

// Removes the files, with the hold taken so that nobody has them open.
result<void> remove_files(const std::filesystem::path& directory) {
  auto hold = storage::directory_hold::take(directory, true);
  if (!hold) return std::unexpected(hold.error());
  for (const char* name : {"data.mdb", "lock.mdb"}) {
    std::error_code error;
    std::filesystem::remove(directory / name, error);
    if (error) {
      return fail(error_code::storage_permission,
                  "cannot remove " + (directory / name).string() + ": " + error.message());
    }
  }
  return {};
}

}  // namespace

result<opened_checkpoints> open_lmdb(const std::filesystem::path& directory, id128 incarnation,
                                     std::uint32_t partitions) {
  const store_row binding{layout_version, partitions, incarnation};
  opened_checkpoints opened;
  auto store = lmdb_checkpoints::open(directory, binding, opened.discarded);
  const bool unusable = !store && (store.error().kind == failure_kind::corrupt ||
                                   store.error().kind == failure_kind::unsupported);
  if (unusable) {
    opened.discarded = store.error().text;
    if (auto removed = remove_files(directory); !removed) return std::unexpected(removed.error());
    std::string none;
    store = lmdb_checkpoints::open(directory, binding, none);
  }
  if (!store) return std::unexpected(store.error());
  opened.store = std::move(*store);
  return opened;
}

result<void> verify_lmdb(core::checkpoint_store& store) {
  auto* ours = dynamic_cast<lmdb_checkpoints*>(&store);
  if (ours == nullptr) return fail(error_code::checkpoint_other, "this checkpoint does not lie in LMDB");
  return ours->verify();
}

}  // namespace quipu::checkpoint
