#include "projections/pending_rows.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace quipu::projecting {

namespace {
constexpr std::uint64_t bytes_a_cell = 80;  // of memory, besides key and row
}  // namespace

pending_rows::pending_rows(const opened_store& store, std::uint64_t cache_bytes)
    : store_(store), cache_bytes_(cache_bytes), committed_(store), tables_(store.tables.size()) {}

template <class F>
auto pending_rows::noting_trouble(F&& look) {
  try {
    return std::forward<F>(look)();
  } catch (const port::row_trouble& found) {
    trouble_ = found.why;
    throw;
  }
}

row_cell& pending_rows::cell_of(std::uint32_t table, std::string_view key) {
  auto& cells = tables_[table].cells;
  if (auto* known = cells.find(key)) return *known;
  kept_bytes_ += key.size() + bytes_a_cell;
  return cells.find_or_make(key);
}

void pending_rows::load(std::uint32_t table, row_cell& cell) {
  const auto row = noting_trouble([&] { return committed_.get(table, cell.key()); });
  cell.is = row ? row_cell::content::present : row_cell::content::absent;
  if (row) cell.row = as_text(*row), kept_bytes_ += row->size();
}

std::optional<bytes_view> pending_rows::get(std::uint32_t table, std::string_view key) {
  auto& cell = cell_of(table, key);
  cell.read = true;
  if (cell.is == row_cell::content::unknown) load(table, cell);
  if (cell.is == row_cell::content::absent) return std::nullopt;
  return as_bytes(cell.row);
}

std::optional<port::rows::found> pending_rows::at_or_after(std::uint32_t table, std::string_view key) {
  // The first one here, and the first one in the store that is not hidden by one here.
  auto& cells = tables_[table].cells;
  const auto* here = cells.present_at_or_after(key);
  std::string from(key);
  for (;;) {
    const auto there = noting_trouble([&] { return committed_.at_or_after(table, from); });
    if (here != nullptr && (!there || here->key() <= there->key))
      return port::rows::found{here->key(), as_bytes(here->row)};
    if (!there) return std::nullopt;
    const auto* known = cells.find(there->key);
    if (known == nullptr || known->is == row_cell::content::unknown) return there;
    from.assign(there->key).push_back('\0');
  }
}

row_cell& pending_rows::about_to_change(std::uint32_t table, std::string_view key) {
  auto& cell = cell_of(table, key);
  if (in_event_) {
    if (undo_size_ == undo_.size()) undo_.emplace_back();
    auto& old = undo_[undo_size_++];
    old.cell = &cell;
    old.is = cell.is;
    old.row = cell.row;
  }
  if (!std::exchange(cell.changed, true)) {
    tables_[table].changed.push_back(&cell);
    changed_bytes_ += cell.key().size() + bytes_a_cell;
  }
  return cell;
}

void pending_rows::put(std::uint32_t table, std::string_view key, bytes_view row) {
  auto& cell = about_to_change(table, key);
  if (row.size() > cell.row.size()) {
    changed_bytes_ += row.size() - cell.row.size();
    kept_bytes_ += row.size() - cell.row.size();
  }
  cell.is = row_cell::content::present;
  cell.row.assign(as_text(row));
}

void pending_rows::erase(std::uint32_t table, std::string_view key) {
  about_to_change(table, key).is = row_cell::content::absent;
}

void pending_rows::begin_event() {
  undo_size_ = 0;
  in_event_ = true;
}

// The rows stay marked as changed: written once more as they were, or loaded first where that is not known.
void pending_rows::undo_event() {
  while (undo_size_ > 0) {
    auto& old = undo_[--undo_size_];
    old.cell->is = old.is;
    old.cell->row.swap(old.row);
  }
  in_event_ = false;
}

result<void> pending_rows::commit() {
  auto written = write_changes();
  if (written) keep_what_was_read();
  if (!written || kept_bytes_ > cache_bytes_) forget_all();
  return written;
}

void pending_rows::keep_what_was_read() {
  for (auto& table : tables_) {
    for (auto* cell : table.changed) {
      cell->changed = false;
      if (cell->read) continue;
      kept_bytes_ -=
          std::min<std::uint64_t>(kept_bytes_, cell->key().size() + cell->row.size() + bytes_a_cell);
      table.cells.drop(*cell);
    }
    table.changed.clear();
  }
  changed_bytes_ = 0;
  undo_size_ = 0;
}

// By key. Keys of a table begin alike: what is compared first are the eight bytes behind that.
void pending_rows::order_changes(std::vector<row_cell*>& list) {
  if (list.empty()) return;
  std::size_t alike = list.front()->key().size();
  for (const auto* cell : list) {
    const auto key = cell->key();
    alike = static_cast<std::size_t>(std::ranges::mismatch(list.front()->key().substr(0, alike), key).in2 -
                                     key.begin());
  }
  sorting_.clear();
  for (auto* cell : list) {
    std::uint64_t head = 0;
    for (std::size_t i = alike; i < alike + 8; ++i)
      head = head << 8U | (i < cell->key().size() ? static_cast<std::uint8_t>(cell->key()[i]) : 0U);
    sorting_.emplace_back(head, cell);
  }
  std::ranges::sort(sorting_, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second->key() < b.second->key();
  });
  std::ranges::transform(sorting_, list.begin(), [](const auto& one) { return one.second; });
}

result<void> pending_rows::write_changes() {
  committed_.release();
  storage::planned_work work;
  for (auto& table : tables_) {
    // A row that was undone and never read is as the store has it.
    std::erase_if(table.changed, [](row_cell* cell) {
      const bool undone = cell->is == row_cell::content::unknown;
      if (undone) cell->changed = false;
      return undone;
    });
    order_changes(table.changed);
    for (const auto* cell : table.changed) {
      work.rows += 1;
      work.bytes += cell->key().size() + cell->row.size() + 16;
    }
  }
  auto& environment = *store_.environment;
  auto write = environment.begin_write(work);
  if (!write) return std::unexpected(write.error());
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    for (const auto* cell : tables_[i].changed) {
      if (cell->is == row_cell::content::present) {
        if (auto put = write->put(store_.tables[i], as_bytes(cell->key()), as_bytes(cell->row)); !put)
          return put;
      } else if (auto gone = write->erase(store_.tables[i], as_bytes(cell->key())); !gone) {
        return std::unexpected(gone.error());
      }
    }
  }
  auto committed = write->commit();
  if (!committed) [[maybe_unused]]
    const auto reopened = environment.reopen();  // the next one tries again
  return committed;
}

void pending_rows::discard() {
  committed_.release();
  forget_all();
}

void pending_rows::forget_all() {
  for (auto& table : tables_) {
    table.cells.drop_all();
    table.changed.clear();
  }
  undo_size_ = 0;
  in_event_ = false;
  changed_bytes_ = 0;
  kept_bytes_ = 0;
  trouble_.reset();
}

}  // namespace quipu::projecting
