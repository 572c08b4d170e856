#include "projections/comparing.hpp"

#include <quipu/journal/schema.hpp>
#include <quipu/projections/key_shape.hpp>

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace quipu::projecting {
namespace {

std::string hex(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "0x";
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 0xfU];
  }
  return out;
}

/// Rows of one table for people.
class shown_table {
 public:
  explicit shown_table(const port::projection_table& table) : table_(table) {
    if (auto opened = journal::schema_reader::open({table.row.binary.begin(), table.row.binary.end()}))
      reader_ = std::move(*opened);
  }
  std::string key(std::string_view stored) const {
    try {
      auto rest = stored;
      if (shape_) return shape_->text(rest, true);
    } catch (const std::exception&) {  // of another version, with other keys
    }
    return hex(stored);
  }
  std::string row(bytes_view stored) {
    if (reader_) {
      if (auto text = reader_->to_json(table_.row.table(), stored)) return *text;
    }
    return hex(as_text(stored));
  }

 private:
  const port::projection_table& table_;
  const std::optional<key_shape> shape_ = key_shape::parse(table_.key);
  std::optional<journal::schema_reader> reader_;
};

/// Walks one table, or nothing where it is missing.
class walk {
 public:
  walk(const opened_store& store, committed_rows& rows, std::uint32_t table)
      : rows_(rows), table_(table), there_(!is_missing(store.tables[table])) {
    next();
  }
  const std::optional<port::rows::found>& now() const { return now_; }
  void next() {
    if (now_) at_.assign(now_->key).push_back('\0');
    now_ = there_ ? rows_.at_or_after(table_, at_) : std::nullopt;
  }

 private:
  committed_rows& rows_;
  const std::uint32_t table_;
  const bool there_;
  std::string at_;
  std::optional<port::rows::found> now_;
};

}  // namespace

comparison compare_rows(const port::projection_type& what, const opened_store& made_store,
                        committed_rows& made, const opened_store& live_store, committed_rows& live,
                        std::size_t first) {
  comparison out;
  for (std::uint32_t i = 0; i < what.tables.size(); ++i) {
    const auto& table = what.tables[i];
    if (table.further) continue;  // they follow from the rows
    shown_table shown(table);
    walk here(made_store, made, own_tables + i);
    walk there(live_store, live, own_tables + i);
    while (here.now() || there.now()) {
      const bool only_here = !there.now() || (here.now() && here.now()->key < there.now()->key);
      const bool only_there = !only_here && (!here.now() || there.now()->key < here.now()->key);
      const bool same = !only_here && !only_there && as_text(here.now()->row) == as_text(there.now()->row);
      ++(only_here ? out.only_made : only_there ? out.only_live : same ? out.same : out.different);
      if (!same && out.first.size() < first) {
        row_difference one{table.name, shown.key(only_there ? there.now()->key : here.now()->key), {}, {}};
        if (!only_there) one.made = shown.row(here.now()->row);
        if (!only_here) one.live = shown.row(there.now()->row);
        out.first.push_back(std::move(one));
      }
      if (!only_there) here.next();
      if (!only_here) there.next();
    }
  }
  return out;
}

}  // namespace quipu::projecting
