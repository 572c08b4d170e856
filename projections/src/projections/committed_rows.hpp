/// The rows of a generation as of one commit.
#pragma once

#include "projections/failures.hpp"
#include "projections/layout.hpp"
#include "storage/environment.hpp"

#include <quipu/projections/rows.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace quipu::projecting {

/// A table that a store of another version does not have.
inline constexpr storage::table missing{~std::size_t{0}};
inline bool is_missing(storage::table table) { return table.index == missing.index; }

/// An environment and its tables by number: own_table, then the author's. Shared by the projector and readers.
struct opened_store {
  std::unique_ptr<storage::environment> environment;
  std::vector<storage::table> tables;
  store_row binding;
};

/// Takes its snapshot at the first call and keeps it until release(). One thread.
class committed_rows {
 public:
  explicit committed_rows(const opened_store& store) : store_(store), cursors_(store.tables.size()) {}

  /// Views hold until release(). Throw port::row_trouble.
  std::optional<bytes_view> get(std::uint32_t table, std::string_view key);
  std::optional<port::rows::found> at_or_after(std::uint32_t table, std::string_view key);
  /// As port::row_snapshot::before().
  std::optional<port::rows::found> before(std::uint32_t table, std::optional<std::string_view> key);
  std::uint64_t count(std::uint32_t table);
  void release();
  /// Takes the snapshot now.
  void begin() { look(); }

 private:
  storage::read_transaction& look();
  storage::table_cursor& cursor_of(std::uint32_t table);

  const opened_store& store_;
  std::optional<storage::read_transaction> look_;
  std::vector<std::optional<storage::table_cursor>> cursors_;  // gone before look_ is
};

/// What a reader gets: the author's tables, not to be changed. Keeps the store open.
class snapshot final : public port::row_snapshot {
 public:
  /// Throws port::row_trouble.
  explicit snapshot(std::shared_ptr<const opened_store> store) : store_(std::move(store)), rows_(*store_) {
    rows_.begin();
  }

  std::optional<bytes_view> get(std::uint32_t table, std::string_view key) override;
  std::optional<found> at_or_after(std::uint32_t table, std::string_view key) override;
  void put(std::uint32_t table, std::string_view key, bytes_view row) override;
  void erase(std::uint32_t table, std::string_view key) override;
  std::optional<found> before(std::uint32_t table, std::optional<std::string_view> key) override;
  std::uint64_t count(std::uint32_t table) override;

 private:
  std::shared_ptr<const opened_store> store_;
  committed_rows rows_;
};

}  // namespace quipu::projecting
