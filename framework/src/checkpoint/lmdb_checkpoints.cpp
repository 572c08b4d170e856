#include "checkpoint/lmdb_checkpoints.hpp"

#include "checkpoint/layout.hpp"
#include "storage/directory_hold.hpp"
#include "storage/environment.hpp"

#include <map>
#include <mutex>
#include <system_error>
#include <utility>

namespace quipu::checkpoint {

using core::partition_id;
using journal::fail;
using journal::failure;
using journal::failure_kind;
using journal::result;

namespace {

// Categories beyond this are refused; LMDB keeps an array of this size a transaction.
constexpr std::uint32_t most_categories = 250;

class lmdb_checkpoints final : public core::checkpoint_store {
 public:
  /// A store that holds what it should; `corrupt` or `unsupported` where it must be made anew. `emptied` says
  /// which categories were emptied for themselves.
  static result<std::unique_ptr<lmdb_checkpoints>> open(const std::filesystem::path& directory,
                                                        const store_row& binding, std::string& emptied);

  result<core::partition_checkpoint> open(partition_id partition) override;
  result<std::optional<bytes>> load(partition_id partition, std::string_view category,
                                    std::string_view key) override;
  result<void> write(std::span<const core::snapshot_group> groups) override;
  result<void> discard(partition_id partition, std::optional<std::string_view> category) override;

  result<void> verify();

 private:
  struct figures {
    std::uint64_t rows = 0;
    id128 digest;
  };
  using category_rows = std::map<std::pair<partition_id, std::string>, category_row>;

  result<void> bind(const store_row& binding);
  result<void> open_tables();
  result<category_rows> read_categories(const storage::transaction& look);
  result<std::string> empty_where_counts_differ();
  result<void> erase_category(storage::write_transaction& write, std::string_view category);
  result<void> erase_partition(storage::write_transaction& write, partition_id partition,
                               std::string_view category);
  result<storage::write_transaction> begin(storage::planned_work work);
  result<void> finish(storage::write_transaction write);
  result<std::optional<storage::table>> rows_of(std::string_view category, bool make);
  result<void> store_group(storage::write_transaction& write, const core::snapshot_group& group,
                           category_rows& changed);
  result<void> store_row_of(storage::write_transaction& write, partition_id partition,
                            const core::snapshot_row& row, category_row& category);
  result<void> store_quarantine(storage::write_transaction& write, const core::snapshot_group& group);
  result<category_row*> changed_row(const storage::transaction& look, category_rows& changed,
                                    partition_id partition, const std::string& category);
  failure damaged(const std::string& what) const;

  std::unique_ptr<storage::environment> environment_;
  storage::table meta_, quarantine_;
  std::mutex tables_mutex_;
  std::map<std::string, storage::table, std::less<>> rows_;  // by category
  std::mutex write_mutex_;                                   // between planning a write and its end
};

std::string_view text_of(const storage::row& row) { return as_text(row.key); }

// Erases all rows whose key begins so.
result<std::uint64_t> erase_prefix(storage::write_transaction& write, storage::table table,
                                   std::string_view prefix) {
  auto rows = write.open_cursor(table);
  if (!rows) return std::unexpected(rows.error());
  std::uint64_t erased = 0;
  auto row = rows->seek(as_bytes(prefix));
  for (; row && *row && text_of(**row).starts_with(prefix); row = rows->next(), ++erased) {
    if (auto gone = rows->erase(); !gone) return std::unexpected(gone.error());
  }
  if (!row) return std::unexpected(row.error());
  return erased;
}

failure lmdb_checkpoints::damaged(const std::string& what) const {
  return {failure_kind::corrupt,
          "the checkpoint in " + environment_->directory().string() + " is damaged: " + what};
}

// --- opening ---

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

result<void> lmdb_checkpoints::bind(const store_row& binding) {
  {
    auto look = environment_->begin_read();
    if (!look) return std::unexpected(look.error());
    auto value = look->get(meta_, as_bytes(store_key));
    if (!value) return std::unexpected(value.error());
    if (*value) {
      const auto row = unsealed_row<store_row>(store_key, as_text(**value));
      if (!row) return std::unexpected(damaged("its first row does not hold"));
      const std::string here = "the checkpoint in " + environment_->directory().string();
      if (row->version != binding.version) {
        return fail(failure_kind::unsupported, here + " has format " + std::to_string(row->version) +
                                                   ", not " + std::to_string(binding.version));
      }
      if (row->incarnation != binding.incarnation) {
        return fail(failure_kind::unsupported,
                    here + " belongs to another journal, of incarnation " + row->incarnation.hex());
      }
      if (row->partitions != binding.partitions) {
        return fail(failure_kind::unsupported, here + " is for " + std::to_string(row->partitions) +
                                                   " partitions, not " + std::to_string(binding.partitions));
      }
      return {};
    }
    auto rows = look->entries(meta_);
    if (!rows) return std::unexpected(rows.error());
    if (*rows != 0) return std::unexpected(damaged("its first row is missing"));
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
    const auto key = text_of(**row);
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
  auto write = begin({1024, 1024 * 1024});
  if (!write) return std::unexpected(write.error());
  for (const auto& category : bad) {
    if (auto gone = erase_category(*write, category); !gone) return std::unexpected(gone.error());
  }
  if (auto done = finish(std::move(*write)); !done) return std::unexpected(done.error());
  return text;
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

// --- reading ---

result<core::partition_checkpoint> lmdb_checkpoints::open(partition_id partition) {
  auto look = environment_->begin_read();
  if (!look) return std::unexpected(look.error());
  core::partition_checkpoint found;
  auto all = read_categories(*look);
  if (!all) return std::unexpected(all.error());
  for (auto& [where, row] : *all) {
    if (where.first == partition && row.has_floor != 0)
      found.floors.push_back({where.second, row.fingerprint, row.floor});
  }
  const auto key = newest_key(partition);
  auto newest = look->get(meta_, as_bytes(key));
  if (!newest) return std::unexpected(newest.error());
  if (*newest) {
    const auto row = unsealed_row<newest_row>(key, as_text(**newest));
    if (!row) return std::unexpected(damaged("its newest record does not hold"));
    found.newest = {row->number, row->sum};
  }
  const auto prefix = partition_prefix(partition);
  auto rows = look->open_cursor(quarantine_);
  if (!rows) return std::unexpected(rows.error());
  auto row = rows->seek(as_bytes(prefix));
  for (; row && *row && text_of(**row).starts_with(prefix); row = rows->next()) {
    const auto name = text_of(**row).substr(4);
    const auto content = unsealed(text_of(**row), as_text((*row)->value));
    const auto slash = name.find('/');
    if (!content || content->size() < sizeof(position) || slash == std::string_view::npos) {
      return std::unexpected(damaged("a row of its quarantine does not hold"));
    }
    core::quarantine one{std::string(name.substr(0, slash)),
                         std::string(name.substr(slash + 1)),
                         {},
                         std::string(content->substr(sizeof(position)))};
    std::memcpy(&one.replay_from, content->data(), sizeof(position));
    found.quarantined.push_back(std::move(one));
  }
  if (!row) return std::unexpected(row.error());
  return found;
}

result<std::optional<bytes>> lmdb_checkpoints::load(partition_id partition, std::string_view category,
                                                    std::string_view key) {
  auto table = rows_of(category, false);
  if (!table) return std::unexpected(table.error());
  if (!*table) return std::nullopt;
  auto look = environment_->begin_read();
  if (!look) return std::unexpected(look.error());
  auto image = look->get(**table, as_bytes(row_key(partition, key)));
  if (!image) return std::unexpected(image.error());
  if (!*image) return std::nullopt;
  return bytes((*image)->begin(), (*image)->end());
}

result<std::optional<storage::table>> lmdb_checkpoints::rows_of(std::string_view category, bool make) {
  {
    std::lock_guard lock(tables_mutex_);
    if (const auto known = rows_.find(category); known != rows_.end()) return known->second;
  }
  if (!make) return std::nullopt;
  auto made = environment_->open_table(std::string(rows_prefix).append(category));
  if (!made) return std::unexpected(made.error());
  std::lock_guard lock(tables_mutex_);
  rows_.emplace(category, *made);
  return *made;
}

// --- writing ---

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

result<void> lmdb_checkpoints::discard(partition_id partition, std::optional<std::string_view> category) {
  std::lock_guard turn(write_mutex_);
  std::vector<std::string> categories;
  {
    std::lock_guard lock(tables_mutex_);
    for (const auto& [name, table] : rows_) categories.push_back(name);
  }
  auto write = begin({1024, 1024 * 1024});
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

// --- verifying ---

result<void> lmdb_checkpoints::verify() {
  std::vector<std::pair<std::string, storage::table>> tables;
  {
    std::lock_guard lock(tables_mutex_);
    tables.assign(rows_.begin(), rows_.end());
  }
  auto look = environment_->begin_read();
  if (!look) return std::unexpected(look.error());
  auto expected = read_categories(*look);
  if (!expected) return std::unexpected(expected.error());
  std::map<std::pair<partition_id, std::string>, figures> held;
  for (const auto& [category, table] : tables) {
    auto rows = look->open_cursor(table);
    if (!rows) return std::unexpected(rows.error());
    auto row = rows->first();
    for (; row && *row; row = rows->next()) {
      const auto key = text_of(**row);
      if (key.size() < 4) return std::unexpected(damaged("a row of " + category + " has no partition"));
      auto& sum = held[{partition_in(key), category}];
      ++sum.rows;
      sum.digest = sum_of(sum.digest, digest_of(key, (*row)->value));
    }
    if (!row) return std::unexpected(row.error());
  }
  for (const auto& [where, row] : *expected) {
    const auto found = held[where];
    held.erase(where);
    if (found.rows != row.rows || found.digest != row.digest) {
      return std::unexpected(damaged("the snapshots of " + where.second + " in partition " +
                                     std::to_string(where.first) + " are not those that were written"));
    }
  }
  if (!held.empty())
    return std::unexpected(
        damaged("it holds snapshots of " + held.begin()->first.second + " without a count"));
  return {};
}

// Removes the files, with the hold taken so that nobody has them open.
result<void> remove_files(const std::filesystem::path& directory) {
  auto hold = storage::directory_hold::take(directory, true);
  if (!hold) return std::unexpected(hold.error());
  for (const char* name : {"data.mdb", "lock.mdb"}) {
    std::error_code error;
    std::filesystem::remove(directory / name, error);
    if (error) {
      return fail(failure_kind::refused,
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
  if (ours == nullptr) return fail(failure_kind::invalid, "this checkpoint does not lie in LMDB");
  return ours->verify();
}

}  // namespace quipu::checkpoint
