#include "projections/committed_rows.hpp"

#include "projections/layout.hpp"

#include <stdexcept>

namespace quipu::projecting {

storage::read_transaction& committed_rows::look() {
  if (!look_) {
    auto begun = store_.environment->begin_read();
    if (!begun) throw port::row_trouble(begun.error());
    look_.emplace(std::move(*begun));
  }
  return *look_;
}

std::optional<bytes_view> committed_rows::get(std::uint32_t table, std::string_view key) {
  auto found = look().get(store_.tables[table], as_bytes(key));
  if (!found) throw port::row_trouble(found.error());
  return *found;
}

storage::table_cursor& committed_rows::cursor_of(std::uint32_t table) {
  auto& cursor = cursors_[table];
  if (!cursor) {
    auto opened = look().open_cursor(store_.tables[table]);
    if (!opened) throw port::row_trouble(opened.error());
    cursor.emplace(std::move(*opened));
  }
  return *cursor;
}

namespace {
std::optional<port::rows::found> shown(result<std::optional<storage::row>> found) {
  if (!found) throw port::row_trouble(found.error());
  if (!*found) return std::nullopt;
  return port::rows::found{as_text((*found)->key), (*found)->value};
}
}  // namespace

std::optional<port::rows::found> committed_rows::at_or_after(std::uint32_t table, std::string_view key) {
  auto& cursor = cursor_of(table);
  // LMDB does not take an empty key.
  return shown(key.empty() ? cursor.first() : cursor.seek(as_bytes(key)));
}

std::optional<port::rows::found> committed_rows::before(std::uint32_t table,
                                                        std::optional<std::string_view> key) {
  auto& cursor = cursor_of(table);
  if (!key) return shown(cursor.last());
  if (key->empty()) return std::nullopt;
  return shown(cursor.seek(as_bytes(*key))) ? shown(cursor.previous()) : shown(cursor.last());
}

std::uint64_t committed_rows::count(std::uint32_t table) {
  auto counted = look().entries(store_.tables[table]);
  if (!counted) throw port::row_trouble(counted.error());
  return *counted;
}

void committed_rows::release() {
  for (auto& cursor : cursors_) cursor.reset();
  look_.reset();
}

std::optional<bytes_view> snapshot::get(std::uint32_t table, std::string_view key) {
  return rows_.get(own_tables + table, key);
}
std::optional<port::rows::found> snapshot::at_or_after(std::uint32_t table, std::string_view key) {
  return rows_.at_or_after(own_tables + table, key);
}
std::optional<port::rows::found> snapshot::before(std::uint32_t table, std::optional<std::string_view> key) {
  return rows_.before(own_tables + table, key);
}
std::uint64_t snapshot::count(std::uint32_t table) { return rows_.count(own_tables + table); }
void snapshot::put(std::uint32_t, std::string_view, bytes_view) {
  throw std::logic_error("rows that are being read cannot be changed");
}
void snapshot::erase(std::uint32_t, std::string_view) {
  throw std::logic_error("rows that are being read cannot be changed");
}

}  // namespace quipu::projecting
