#include "checkpoint/stored_checkpoints.hpp"

namespace quipu::checkpoint {

failure lmdb_checkpoints::damaged(const std::string& what) const {
  return {error_code::checkpoint_damaged,
          "the checkpoint in " + environment_->directory().string() + " is damaged: " + what};
}

result<std::unique_ptr<lmdb_checkpoints>> lmdb_checkpoints::open(const std::filesystem::path& directory,
                                                                 const store_row& binding,
                                                                 std::string& emptied) {
  // Losing the last write is fine, for the journal has it all; so one flush a write is enough.
  auto environment = storage::environment::open(
      {.directory = directory, .durability = storage::flush::meta_later, .max_tables = most_categories + 2});
  if (!environment) return std::unexpected(environment.error());
  auto store = std::make_unique<lmdb_checkpoints>();
  store->environment_ = std::move(*environment);
  if (auto opened = store->open_tables(); !opened) return std::unexpected(opened.error());
  if (auto bound = store->bind(binding); !bound) return std::unexpected(bound.error());
  auto differing = store->empty_where_counts_differ();
  if (!differing) return std::unexpected(differing.error());
  emptied = std::move(*differing);
  return store;
}

result<std::unique_ptr<lmdb_checkpoints>> lmdb_checkpoints::open_to_read(
    const std::filesystem::path& directory) {
  auto environment =
      storage::environment::open({.directory = directory, .write = false, .max_tables = most_categories + 2});
  if (!environment) return std::unexpected(environment.error());
  auto store = std::make_unique<lmdb_checkpoints>();
  store->environment_ = std::move(*environment);
  if (auto opened = store->open_tables(); !opened) return std::unexpected(opened.error());
  const auto bound = store->stored_binding();
  if (!bound) return std::unexpected(bound.error());
  if (!*bound)
    return fail(error_code::storage_not_found, "no checkpoint was stored in " + directory.string() + " yet");
  store->binding_ = **bound;
  return store;
}

result<void> lmdb_checkpoints::open_tables() {
  auto meta = environment_->open_table("meta");
  if (!meta) return std::unexpected(meta.error());
  auto quarantine = environment_->open_table("quarantine");
  if (!quarantine) return std::unexpected(quarantine.error());
  meta_ = *meta;
  quarantine_ = *quarantine;
  auto names = environment_->table_names();
  if (!names) return std::unexpected(names.error());
  for (const auto& name : *names) {
    if (!name.starts_with(rows_prefix)) continue;
    auto table = environment_->open_table(name);
    if (!table) return std::unexpected(table.error());
    rows_.emplace(name.substr(rows_prefix.size()), *table);
  }
  return {};
}

// Which journal it belongs to; nothing where nothing was stored yet.
result<std::optional<store_row>> lmdb_checkpoints::stored_binding() {
  auto look = environment_->begin_read();
  if (!look) return std::unexpected(look.error());
  auto value = look->get(meta_, as_bytes(store_key));
  if (!value) return std::unexpected(value.error());
  if (*value) {
    const auto row = unsealed_row<store_row>(store_key, as_text(**value));
    if (!row) return std::unexpected(damaged("its first row does not hold"));
    if (row->version != layout_version)
      return fail(error_code::checkpoint_other, "the checkpoint in " + environment_->directory().string() +
                                                    " has format " + std::to_string(row->version) + ", not " +
                                                    std::to_string(layout_version));
    return *row;
  }
  auto rows = look->entries(meta_);
  if (!rows) return std::unexpected(rows.error());
  if (*rows != 0) return std::unexpected(damaged("its first row is missing"));
  return std::nullopt;
}

result<void> lmdb_checkpoints::bind(const store_row& binding) {
  const auto row = stored_binding();
  if (!row) return std::unexpected(row.error());
  if (*row) {
    const std::string here = "the checkpoint in " + environment_->directory().string();
    if ((*row)->incarnation != binding.incarnation) {
      return fail(error_code::checkpoint_other,
                  here + " belongs to another journal, of incarnation " + (*row)->incarnation.hex());
    }
    if ((*row)->partitions != binding.partitions) {
      return fail(error_code::checkpoint_other, here + " is for " + std::to_string((*row)->partitions) +
                                                    " partitions, not " + std::to_string(binding.partitions));
    }
    return {};
  }
  auto write = begin({1, 256});
  if (!write) return std::unexpected(write.error());
  if (auto put = write->put(meta_, as_bytes(store_key), as_bytes(sealed_row(store_key, binding))); !put)
    return put;
  return finish(std::move(*write));
}

// Every row of meta, checked.
result<lmdb_checkpoints::category_rows> lmdb_checkpoints::read_categories(const storage::transaction& look) {
  category_rows all;
  auto rows = look.open_cursor(meta_);
  if (!rows) return std::unexpected(rows.error());
  auto row = rows->first();
  for (; row && *row; row = rows->next()) {
    const auto key = key_text(**row);
    const auto content = unsealed(key, as_text((*row)->value));
    if (!content) return std::unexpected(damaged("a row of its floors does not hold"));
    if (key.size() < 5 || key[0] != 'c') continue;
    const auto category = unsealed_row<category_row>(key, as_text((*row)->value));
    if (!category) return std::unexpected(damaged("a row of its floors has another size"));
    all.emplace(std::pair(partition_in(key.substr(1, 4)), std::string(key.substr(5))), *category);
  }
  if (!row) return std::unexpected(row.error());
  return all;
}

// LMDB counts rows as part of the tree, we count them beside the floors: a row that went missing, or one too
// many, shows.
result<std::string> lmdb_checkpoints::empty_where_counts_differ() {
  std::map<std::string, std::uint64_t, std::less<>> counted;
  std::string text;
  std::vector<std::string> bad;
  {
    auto look = environment_->begin_read();
    if (!look) return std::unexpected(look.error());
    auto all = read_categories(*look);
    if (!all) return std::unexpected(all.error());
    for (const auto& [category, table] : rows_) counted[category] = 0;
    for (const auto& [where, row] : *all) counted[where.second] += row.rows;
    for (const auto& [category, count] : counted) {
      std::uint64_t held = 0;
      if (const auto table = rows_.find(category); table != rows_.end()) {
        auto entries = look->entries(table->second);
        if (!entries) return std::unexpected(entries.error());
        held = *entries;
      }
      if (held == count) continue;
      bad.push_back(category);
      text += (text.empty() ? "" : "; ") + ("the snapshots of " + category) + ": " + std::to_string(held) +
              " are there and " + std::to_string(count) + " should be";
    }
  }
  if (bad.empty()) return text;
  auto write = begin(erasing_work());
  if (!write) return std::unexpected(write.error());
  for (const auto& category : bad) {
    if (auto gone = erase_category(*write, category); !gone) return std::unexpected(gone.error());
  }
  if (auto done = finish(std::move(*write)); !done) return std::unexpected(done.error());
  return text;
}

}  // namespace quipu::checkpoint
