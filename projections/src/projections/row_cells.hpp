/// The rows of one table that are in memory, by key: what two lookups an event cost decides how fast a rebuild is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <tsl/robin_set.h>

namespace quipu::projecting {

/// The key lies behind the cell, so that a lookup meets both at once.
struct row_cell {
  enum class content : std::uint8_t { unknown, present, absent };
  content is = content::unknown;
  bool changed = false;
  bool read = false;  ///< somebody asked for it, and may again
  std::uint16_t key_size = 0;
  std::string row;

  std::string_view key() const { return {reinterpret_cast<const char*>(this + 1), key_size}; }
};

/// A cell's address holds until it is dropped. One thread.
class row_cells {
 public:
  row_cells() = default;
  row_cells(row_cells&&) = default;
  ~row_cells() { drop_all(); }

  /// Null where it is not in memory.
  row_cell* find(std::string_view key);
  /// A fresh one where it is not.
  row_cell& find_or_make(std::string_view key);
  /// The first one whose key is not less and that is present. From the first such call on the keys are kept in order, so
  /// that only who scans pays for it.
  row_cell* present_at_or_after(std::string_view key);
  void drop(row_cell& which);
  void drop_all();

 private:
  struct by_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
    std::size_t operator()(const row_cell* cell) const { return operator()(cell->key()); }
  };
  struct by_key {
    using is_transparent = void;
    static std::string_view key_of(std::string_view key) { return key; }
    static std::string_view key_of(const row_cell* cell) { return cell->key(); }
  };
  struct same_key : by_key {
    bool operator()(const auto& a, const auto& b) const { return key_of(a) == key_of(b); }
  };
  struct less_key : by_key {
    bool operator()(const auto& a, const auto& b) const { return key_of(a) < key_of(b); }
  };
  static constexpr bool keep_hashes = true;

  tsl::robin_set<row_cell*, by_hash, same_key, std::allocator<row_cell*>, keep_hashes> cells_;
  row_cell* last_ = nullptr;  // what is read is changed next
  std::optional<std::set<row_cell*, less_key>> order_;
};

}  // namespace quipu::projecting
