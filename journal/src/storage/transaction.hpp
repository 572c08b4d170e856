/// Reading and writing an environment's tables.
#pragma once

#include "storage/environment.hpp"

#include <quipu/journal/id.hpp>

#include <cstdint>
#include <cstring>
#include <mutex>
#include <optional>
#include <span>

namespace quipu::storage {

/// The bytes of a number, for a table with integer keys.
inline bytes_view key_of(const std::uint64_t& number) {
  return {reinterpret_cast<const std::uint8_t*>(&number), sizeof number};
}
inline bytes_view key_of(const std::uint32_t& number) {
  return {reinterpret_cast<const std::uint8_t*>(&number), sizeof number};
}
template <class Number>
std::optional<Number> number_in(bytes_view bytes) {
  if (bytes.size() != sizeof(Number)) return std::nullopt;
  Number number{};
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

/// Views into the map: valid until the transaction ends (in a write transaction: until it writes again). Not
/// aligned.
struct row {
  bytes_view key;
  bytes_view value;
};

/// Walks a table in the order of its keys. Must not outlive its transaction.
class table_cursor {
 public:
  ~table_cursor();
  table_cursor(table_cursor&& other) noexcept;
  table_cursor& operator=(table_cursor&&) = delete;

  journal::result<std::optional<row>> first() { return move(MDB_FIRST, {}); }
  journal::result<std::optional<row>> last() { return move(MDB_LAST, {}); }
  journal::result<std::optional<row>> next() { return move(MDB_NEXT, {}); }
  journal::result<std::optional<row>> previous() { return move(MDB_PREV, {}); }
  /// The first row whose key is not less.
  journal::result<std::optional<row>> seek(bytes_view key) { return move(MDB_SET_RANGE, key); }
  /// Erases the row it stands on; next() then yields the one after. In a write transaction only.
  journal::result<void> erase();

 private:
  friend class transaction;
  table_cursor(const environment* environment, MDB_cursor* cursor)
      : environment_(environment), cursor_(cursor) {}
  journal::result<std::optional<row>> move(MDB_cursor_op how, bytes_view key);

  const environment* environment_;
  MDB_cursor* cursor_;
};

/// What reading and writing transactions share.
class transaction {
 public:
  journal::result<std::optional<bytes_view>> get(table table, bytes_view key) const;
  journal::result<std::uint64_t> entries(table table) const;
  journal::result<table_cursor> open_cursor(table table) const;

 protected:
  transaction(environment* environment, MDB_txn* txn) : environment_(environment), txn_(txn) {}
  transaction(transaction&& other) noexcept;
  ~transaction() = default;
  MDB_dbi dbi_of(table table) const { return environment_->tables_[table.index].dbi; }

  environment* environment_;
  MDB_txn* txn_;
};

/// A snapshot. Keep it short: pages freed meanwhile cannot be used again, and the map cannot grow.
class read_transaction : public transaction {
 public:
  ~read_transaction();
  read_transaction(read_transaction&&) noexcept = default;
  read_transaction& operator=(read_transaction&&) = delete;

 private:
  friend class environment;
  using transaction::transaction;
};

/// All or nothing; nothing unless commit() succeeds.
class write_transaction : public transaction {
 public:
  ~write_transaction();
  write_transaction(write_transaction&& other) noexcept = default;
  write_transaction& operator=(write_transaction&&) = delete;

  /// Inserts or replaces.
  journal::result<void> put(table table, bytes_view key, bytes_view value);
  /// Space for the value of a key past the last one, to be filled before the next call.
  journal::result<std::span<std::uint8_t>> append(table table, bytes_view key, std::size_t size);
  /// Whether there was such a row.
  journal::result<bool> erase(table table, bytes_view key);
  /// Erases every row of the table.
  journal::result<void> clear(table table);

  /// Ends the transaction. After a failure it may or may not be durable: reopen() the environment and look.
  journal::result<void> commit();

 private:
  friend class environment;
  write_transaction(environment* environment, MDB_txn* txn, std::unique_lock<std::mutex> turn)
      : transaction(environment, txn), turn_(std::move(turn)) {}

  std::unique_lock<std::mutex> turn_;
};

}  // namespace quipu::storage
