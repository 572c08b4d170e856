#include "checkpoint/stored_checkpoints.hpp"

namespace quipu::checkpoint {

namespace {

// Erases all rows whose key begins so.
result<std::uint64_t> erase_prefix(storage::write_transaction& write, storage::table table,
                                   std::string_view prefix) {
  auto rows = write.open_cursor(table);
  if (!rows) return std::unexpected(rows.error());
  std::uint64_t erased = 0;
  auto row = rows->seek(as_bytes(prefix));
  for (; row && *row && key_text(**row).starts_with(prefix); row = rows->next(), ++erased) {
    if (auto gone = rows->erase(); !gone) return std::unexpected(gone.error());
  }
  if (!row) return std::unexpected(row.error());
  return erased;
}

}  // namespace

// As if every row were erased.
storage::planned_work lmdb_checkpoints::erasing_work() {
  storage::planned_work work{1024, 1024 * 1024};
  std::vector<storage::table> tables;
  {
    std::lock_guard lock(tables_mutex_);
    for (const auto& [category, table] : rows_) tables.push_back(table);
  }
  auto look = environment_->begin_read();
  for (const auto table : tables) {
    if (look) work.rows += look->entries(table).value_or(0);
  }
  return work;
}

// A category in all partitions: its floors, its rows, and who is in quarantine (all is replayed, so nobody
// has to be).
result<void> lmdb_checkpoints::erase_category(storage::write_transaction& write, std::string_view category) {
  auto all = read_categories(write);
  if (!all) return std::unexpected(all.error());
  for (const auto& [where, row] : *all) {
    if (where.second != category) continue;
    if (auto gone = write.erase(meta_, as_bytes(category_key(where.first, category))); !gone) {
      return std::unexpected(gone.error());
    }
    auto released = erase_prefix(write, quarantine_, quarantine_key(where.first, category, ""));
    if (!released) return std::unexpected(released.error());
  }
  if (const auto table = rows_.find(category); table != rows_.end()) return write.clear(table->second);
  return {};
}

result<void> lmdb_checkpoints::discard(partition_id partition, std::optional<std::string_view> category) {
  std::lock_guard turn(write_mutex_);
  std::vector<std::string> categories;
  {
    std::lock_guard lock(tables_mutex_);
    for (const auto& [name, table] : rows_) categories.push_back(name);
  }
  auto write = begin(erasing_work());
  if (!write) return std::unexpected(write.error());
  if (category) {
    if (auto gone = erase_partition(*write, partition, *category); !gone) return gone;
    return finish(std::move(*write));
  }
  if (auto gone = erase_prefix(*write, meta_, "c" + partition_prefix(partition)); !gone)
    return std::unexpected(gone.error());
  if (auto gone = write->erase(meta_, as_bytes(newest_key(partition))); !gone)
    return std::unexpected(gone.error());
  if (auto gone = erase_prefix(*write, quarantine_, partition_prefix(partition)); !gone)
    return std::unexpected(gone.error());
  for (const auto& name : categories) {
    if (auto gone = erase_partition(*write, partition, name); !gone) return gone;
  }
  return finish(std::move(*write));
}

result<void> lmdb_checkpoints::erase_partition(storage::write_transaction& write, partition_id partition,
                                               std::string_view category) {
  if (auto gone = write.erase(meta_, as_bytes(category_key(partition, category))); !gone)
    return std::unexpected(gone.error());
  auto released = erase_prefix(write, quarantine_, quarantine_key(partition, category, ""));
  if (!released) return std::unexpected(released.error());
  auto table = rows_of(category, false);
  if (!table) return std::unexpected(table.error());
  if (!*table) return {};
  auto erased = erase_prefix(write, **table, partition_prefix(partition));
  if (!erased) return std::unexpected(erased.error());
  return {};
}

}  // namespace quipu::checkpoint
