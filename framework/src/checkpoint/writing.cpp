#include "checkpoint/stored_checkpoints.hpp"

#include <utility>

namespace quipu::checkpoint {

result<storage::write_transaction> lmdb_checkpoints::begin(storage::planned_work work) {
  if (environment_->is_down()) {
    if (auto opened = environment_->reopen(); !opened) return std::unexpected(opened.error());
  }
  return environment_->begin_write(work);
}

// A commit that failed has happened or not; either is consistent, and what it held is in the journal.
result<void> lmdb_checkpoints::finish(storage::write_transaction write) {
  auto committed = write.commit();
  if (!committed) [[maybe_unused]]
    const auto reopened = environment_->reopen();  // begin() tries again
  return committed;
}

result<void> lmdb_checkpoints::write(std::span<const core::snapshot_group> groups) {
  std::lock_guard turn(write_mutex_);
  storage::planned_work work;
  for (const auto& group : groups) {
    for (const auto& row : group.rows) {
      if (auto table = rows_of(row.category, true); !table) return std::unexpected(table.error());
      work.bytes += row.key.size() + row.image.size() + 64;
    }
    for (const auto& one : group.quarantined)
      work.bytes += one.category.size() + one.key.size() + one.why.size() + 64;
    work.rows +=
        group.rows.size() + group.quarantined.size() + group.released.size() + 1 + group.floors.size();
    work.bytes += 256 * (1 + group.floors.size());
  }
  auto write = begin(work);
  if (!write) return std::unexpected(write.error());
  category_rows changed;
  for (const auto& group : groups) {
    if (auto stored = store_group(*write, group, changed); !stored) return stored;
  }
  for (const auto& [where, row] : changed) {
    const auto key = category_key(where.first, where.second);
    if (auto put = write->put(meta_, as_bytes(key), as_bytes(sealed_row(key, row))); !put) return put;
  }
  return finish(std::move(*write));
}

result<category_row*> lmdb_checkpoints::changed_row(const storage::transaction& look, category_rows& changed,
                                                    partition_id partition, const std::string& category) {
  const auto [place, fresh] = changed.try_emplace({partition, category});
  if (!fresh) return &place->second;
  const auto key = category_key(partition, category);
  auto value = look.get(meta_, as_bytes(key));
  if (!value) return std::unexpected(value.error());
  if (*value) {
    const auto row = unsealed_row<category_row>(key, as_text(**value));
    if (!row) return std::unexpected(damaged("a row of its floors does not hold"));
    place->second = *row;
  }
  return &place->second;
}

result<void> lmdb_checkpoints::store_group(storage::write_transaction& write,
                                           const core::snapshot_group& group, category_rows& changed) {
  for (const auto& row : group.rows) {
    auto category = changed_row(write, changed, group.partition, row.category);
    if (!category) return std::unexpected(category.error());
    if (auto stored = store_row_of(write, group.partition, row, **category); !stored) return stored;
  }
  for (const auto& floor : group.floors) {
    auto category = changed_row(write, changed, group.partition, floor.category);
    if (!category) return std::unexpected(category.error());
    (*category)->fingerprint = floor.fingerprint;
    (*category)->floor = floor.floor;
    (*category)->has_floor = 1;
  }
  const auto key = newest_key(group.partition);
  const newest_row newest{group.newest.number, group.newest.sum};
  if (auto put = write.put(meta_, as_bytes(key), as_bytes(sealed_row(key, newest))); !put) return put;
  return store_quarantine(write, group);
}

result<void> lmdb_checkpoints::store_row_of(storage::write_transaction& write, partition_id partition,
                                            const core::snapshot_row& row, category_row& category) {
  const auto table = rows_of(row.category, false);
  if (!table) return std::unexpected(table.error());
  const auto key = row_key(partition, row.key);
  auto before = write.get(**table, as_bytes(key));
  if (!before) return std::unexpected(before.error());
  if (*before) {
    category.digest = difference_of(category.digest, digest_of(key, **before));
  } else {
    ++category.rows;
  }
  category.digest = sum_of(category.digest, digest_of(key, row.image));
  return write.put(**table, as_bytes(key), row.image);
}

result<void> lmdb_checkpoints::store_quarantine(storage::write_transaction& write,
                                                const core::snapshot_group& group) {
  for (const auto& one : group.quarantined) {
    const auto key = quarantine_key(group.partition, one.category, one.key);
    std::string value(reinterpret_cast<const char*>(&one.replay_from), sizeof one.replay_from);
    value += one.why;
    if (auto put = write.put(quarantine_, as_bytes(key), as_bytes(sealed(key, value))); !put) return put;
  }
  for (const auto& [category, key] : group.released) {
    auto gone = write.erase(quarantine_, as_bytes(quarantine_key(group.partition, category, key)));
    if (!gone) return std::unexpected(gone.error());
  }
  return {};
}

}  // namespace quipu::checkpoint
