/// The rows as the open transaction leaves them: what was committed, and on top of it what is changed in memory.
///
/// A row that is changed a thousand times in one transaction is written once, in the order of keys, and what one event did
/// can be undone without the store knowing of it. LMDB's own nested transactions would copy pages for every event.
#pragma once

#include "projections/committed_rows.hpp"
#include "projections/layout.hpp"
#include "projections/row_cells.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quipu::projecting {

/// Tables by their stored number. One thread. Views hold until the next call that is not about other rows.
class pending_rows {
 public:
  /// After a commit rows that were read stay in memory, while they are no more than `cache_bytes`.
  pending_rows(const opened_store& store, std::uint64_t cache_bytes);

  /// Throw port::row_trouble, and keep it in trouble(): the author's code may have swallowed it.
  std::optional<bytes_view> get(std::uint32_t table, std::string_view key);
  std::optional<port::rows::found> at_or_after(std::uint32_t table, std::string_view key);
  void put(std::uint32_t table, std::string_view key, bytes_view row);
  void erase(std::uint32_t table, std::string_view key);

  /// What is changed from now on can be undone, up to the next begin_event().
  void begin_event();
  void undo_event();

  /// How much waits for the commit, in bytes.
  std::uint64_t changed_bytes() const { return changed_bytes_; }
  bool changed() const { return changed_bytes_ != 0; }
  const std::optional<failure>& trouble() const { return trouble_; }

  /// Writes all changes in one transaction. After a failure nothing is left here, and it is not known whether the store
  /// has them.
  result<void> commit();
  /// Forgets the changes.
  void discard();
  /// No snapshot of the store is held after this, until the next call. For before waits.
  void release() { committed_.release(); }

 private:
  struct before {
    row_cell* cell;
    row_cell::content is;
    std::string row;
  };

  row_cell& cell_of(std::uint32_t table, std::string_view key);
  void load(std::uint32_t table, row_cell& cell);
  row_cell& about_to_change(std::uint32_t table, std::string_view key);
  void order_changes(std::vector<row_cell*>& list);
  result<void> write_changes();
  void keep_what_was_read();
  void forget_all();
  template <class F>
  auto noting_trouble(F&& look);

  const opened_store& store_;
  const std::uint64_t cache_bytes_;
  committed_rows committed_;
  struct pending_table {
    row_cells cells;
    std::vector<row_cell*> changed;
  };
  std::vector<pending_table> tables_;
  std::vector<std::pair<std::uint64_t, row_cell*>> sorting_;
  std::vector<before> undo_;  // the first undo_size_ count; the others keep their memory
  std::size_t undo_size_ = 0;
  bool in_event_ = false;
  std::uint64_t changed_bytes_ = 0;
  std::uint64_t kept_bytes_ = 0;
  std::optional<failure> trouble_;
};

/// The author's tables of the open transaction.
class author_rows final : public port::rows {
 public:
  explicit author_rows(pending_rows& all) : all_(all) {}
  std::optional<bytes_view> get(std::uint32_t table, std::string_view key) override {
    return all_.get(own_tables + table, key);
  }
  std::optional<found> at_or_after(std::uint32_t table, std::string_view key) override {
    return all_.at_or_after(own_tables + table, key);
  }
  void put(std::uint32_t table, std::string_view key, bytes_view row) override {
    all_.put(own_tables + table, key, row);
  }
  void erase(std::uint32_t table, std::string_view key) override { all_.erase(own_tables + table, key); }

 private:
  pending_rows& all_;
};

}  // namespace quipu::projecting
