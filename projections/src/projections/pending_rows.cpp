#include "projections/pending_rows.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace quipu::projecting {

namespace {
constexpr std::uint64_t bytes_a_cell = 128;  // of memory, besides key and row
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

pending_rows::cells::value_type& pending_rows::cell_of(std::uint32_t table, std::string_view key) {
  auto& in = tables_[table];
  if (const auto found = in.rows.find(key); found != in.rows.end()) return *found;
  auto& made = *in.rows.try_emplace(std::string(key)).first;
  if (in.order) in.order->insert(made.first);
  kept_bytes_ += key.size() + bytes_a_cell;
  return made;
}

void pending_rows::load(std::uint32_t table, cells::value_type& at) {
  const auto row = noting_trouble([&] { return committed_.get(table, at.first); });
  at.second.is = row ? content::present : content::absent;
  if (row) at.second.row = as_text(*row), kept_bytes_ += row->size();
}

std::optional<bytes_view> pending_rows::get(std::uint32_t table, std::string_view key) {
  auto& at = cell_of(table, key);
  at.second.read = true;
  if (at.second.is == content::unknown) load(table, at);
  if (at.second.is == content::absent) return std::nullopt;
  return as_bytes(at.second.row);
}

std::optional<port::rows::found> pending_rows::at_or_after(std::uint32_t table, std::string_view key) {
  auto& in = tables_[table];
  if (!in.order) {
    in.order.emplace();
    for (const auto& [known, what] : in.rows) in.order->insert(known);
  }
  // The first one here, and the first one in the store that is not hidden by one here.
  std::optional<port::rows::found> here;
  for (auto at = in.order->lower_bound(key); at != in.order->end(); ++at) {
    const auto& what = in.rows.find(*at)->second;
    if (what.is != content::present) continue;
    here = {*at, as_bytes(what.row)};
    break;
  }
  std::string from(key);
  for (;;) {
    const auto there = noting_trouble([&] { return committed_.at_or_after(table, from); });
    if (!there || (here && here->key <= there->key)) return here;
    const auto known = in.rows.find(there->key);
    if (known == in.rows.end() || known->second.is == content::unknown) return there;
    from.assign(there->key).push_back('\0');
  }
}

pending_rows::cell& pending_rows::about_to_change(std::uint32_t table, std::string_view key) {
  auto& at = cell_of(table, key);
  if (in_event_) {
    if (undo_size_ == undo_.size()) undo_.emplace_back();
    auto& old = undo_[undo_size_++];
    old.row = &at;
    old.is = at.second.is;
    old.bytes = at.second.row;
  }
  if (!std::exchange(at.second.changed, true)) {
    changed_.push_back({table, &at});
    changed_bytes_ += at.first.size() + bytes_a_cell;
  }
  return at.second;
}

void pending_rows::put(std::uint32_t table, std::string_view key, bytes_view row) {
  auto& at = about_to_change(table, key);
  if (row.size() > at.row.size()) {
    changed_bytes_ += row.size() - at.row.size();
    kept_bytes_ += row.size() - at.row.size();
  }
  at.is = content::present;
  at.row.assign(as_text(row));
}

void pending_rows::erase(std::uint32_t table, std::string_view key) {
  about_to_change(table, key).is = content::absent;
}

void pending_rows::begin_event() {
  undo_size_ = 0;
  in_event_ = true;
}

// The rows stay marked as changed: written once more as they were, or loaded first where that is not known.
void pending_rows::undo_event() {
  while (undo_size_ > 0) {
    auto& old = undo_[--undo_size_];
    old.row->second.is = old.is;
    old.row->second.row.swap(old.bytes);
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
  for (const auto& [table, row] : changed_) {
    row->second.changed = false;
    if (row->second.read) continue;
    auto& in = tables_[table];
    if (in.order) in.order->erase(row->first);
    kept_bytes_ -=
        std::min<std::uint64_t>(kept_bytes_, row->first.size() + row->second.row.size() + bytes_a_cell);
    in.rows.erase(in.rows.find(row->first));
  }
  changed_.clear();
  changed_bytes_ = 0;
  undo_size_ = 0;
}

result<void> pending_rows::write_changes() {
  committed_.release();
  // A row that was undone and never read is as the store has it.
  std::erase_if(changed_, [](const change& one) {
    const bool undone = one.row->second.is == content::unknown;
    if (undone) one.row->second.changed = false;
    return undone;
  });
  std::ranges::sort(changed_, [](const change& a, const change& b) {
    return std::tie(a.table, a.row->first) < std::tie(b.table, b.row->first);
  });
  storage::planned_work work;
  for (const auto& one : changed_) {
    work.rows += 1;
    work.bytes += one.row->first.size() + one.row->second.row.size() + 16;
  }
  auto& environment = *store_.environment;
  if (environment.is_down()) {
    if (auto opened = environment.reopen(); !opened) return std::unexpected(opened.error());
  }
  auto write = environment.begin_write(work);
  if (!write) return std::unexpected(write.error());
  for (const auto& [table, row] : changed_) {
    const auto& [key, what] = *row;
    if (what.is == content::present) {
      if (auto put = write->put(store_.tables[table], as_bytes(key), as_bytes(what.row)); !put) return put;
    } else if (auto gone = write->erase(store_.tables[table], as_bytes(key)); !gone) {
      return std::unexpected(gone.error());
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
  for (auto& one : tables_) {
    one.order.reset();
    one.rows.clear();
  }
  changed_.clear();
  undo_size_ = 0;
  in_event_ = false;
  changed_bytes_ = 0;
  kept_bytes_ = 0;
  trouble_.reset();
}

}  // namespace quipu::projecting
