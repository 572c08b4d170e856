#include "checkpoint/stored_checkpoints.hpp"

#include <cstring>

namespace quipu::checkpoint {

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
  for (; row && *row && key_text(**row).starts_with(prefix); row = rows->next()) {
    const auto name = key_text(**row).substr(4);
    const auto content = unsealed(key_text(**row), as_text((*row)->value));
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

result<std::map<std::string, std::uint64_t, std::less<>>> lmdb_checkpoints::row_counts(
    partition_id partition) {
  auto look = environment_->begin_read();
  if (!look) return std::unexpected(look.error());
  auto all = read_categories(*look);
  if (!all) return std::unexpected(all.error());
  std::map<std::string, std::uint64_t, std::less<>> counts;
  for (const auto& [where, row] : *all)
    if (where.first == partition) counts.emplace(where.second, row.rows);
  return counts;
}

result<void> lmdb_checkpoints::each(const row_visitor& see) {
  std::vector<std::pair<std::string, storage::table>> tables;
  {
    std::lock_guard lock(tables_mutex_);
    tables.assign(rows_.begin(), rows_.end());
  }
  constexpr std::size_t rows_a_look = 256;
  for (const auto& [category, table] : tables) {
    std::vector<std::pair<std::string, bytes>> seen;
    for (std::string from;; from = seen.back().first + '\0') {  // the next key that there can be
      seen.clear();
      auto look = environment_->begin_read();
      if (!look) return std::unexpected(look.error());
      auto rows = look->open_cursor(table);
      if (!rows) return std::unexpected(rows.error());
      auto row = from.empty() ? rows->first() : rows->seek(as_bytes(from));
      for (; row && *row && seen.size() < rows_a_look; row = rows->next())
        seen.emplace_back(key_text(**row), bytes((*row)->value.begin(), (*row)->value.end()));
      if (!row) return std::unexpected(row.error());
      if (seen.empty()) break;
      for (const auto& [key, image] : seen) {
        if (key.size() < 4) return std::unexpected(damaged("a row of " + category + " has no partition"));
        if (!see(partition_in(key), category, std::string_view(key).substr(4), image)) return {};
      }
    }
  }
  return {};
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
      const auto key = key_text(**row);
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

}  // namespace quipu::checkpoint
