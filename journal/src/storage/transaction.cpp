#include "storage/transaction.hpp"

#include <utility>

namespace quipu::storage {

using journal::result;

namespace {

MDB_val value_of(bytes_view view) { return {view.size(), const_cast<std::uint8_t*>(view.data())}; }
bytes_view view_of(const MDB_val& value) {
  return {static_cast<const std::uint8_t*>(value.mv_data), value.mv_size};
}

}  // namespace

table_cursor::~table_cursor() {
  if (cursor_ != nullptr) ::mdb_cursor_close(cursor_);
}

table_cursor::table_cursor(table_cursor&& other) noexcept
    : environment_(other.environment_), cursor_(std::exchange(other.cursor_, nullptr)) {}

result<std::optional<row>> table_cursor::move(MDB_cursor_op how, bytes_view key) {
  MDB_val at = value_of(key);
  MDB_val value{};
  const int code = ::mdb_cursor_get(cursor_, &at, &value, how);
  if (code == MDB_NOTFOUND) return std::nullopt;
  if (code != 0) return std::unexpected(trouble_in(*environment_, code, "read"));
  return row{view_of(at), view_of(value)};
}

result<void> table_cursor::erase() {
  if (const int code = ::mdb_cursor_del(cursor_, 0); code != 0) {
    return std::unexpected(trouble_in(*environment_, code, "erase a row"));
  }
  return {};
}

transaction::transaction(transaction&& other) noexcept
    : environment_(other.environment_), txn_(std::exchange(other.txn_, nullptr)) {}

result<std::optional<bytes_view>> transaction::get(table table, bytes_view key) const {
  MDB_val at = value_of(key);
  MDB_val value{};
  const int code = ::mdb_get(txn_, dbi_of(table), &at, &value);
  if (code == MDB_NOTFOUND) return std::nullopt;
  if (code != 0) return std::unexpected(trouble_in(*environment_, code, "read a row"));
  return view_of(value);
}

result<std::uint64_t> transaction::entries(table table) const {
  MDB_stat facts{};
  const int code = ::mdb_stat(txn_, dbi_of(table), &facts);
  if (code != 0) return std::unexpected(trouble_in(*environment_, code, "count rows"));
  return facts.ms_entries;
}

result<table_cursor> transaction::open_cursor(table table) const {
  MDB_cursor* cursor = nullptr;
  const int code = ::mdb_cursor_open(txn_, dbi_of(table), &cursor);
  if (code != 0) return std::unexpected(trouble_in(*environment_, code, "open a cursor"));
  return table_cursor(environment_, cursor);
}

read_transaction::~read_transaction() {
  if (txn_ == nullptr) return;
  ::mdb_txn_abort(txn_);
  environment_->readers_.leave();
}

write_transaction::~write_transaction() {
  if (txn_ != nullptr) ::mdb_txn_abort(txn_);
}

result<void> write_transaction::put(table table, bytes_view key, bytes_view value) {
  MDB_val at = value_of(key);
  MDB_val what = value_of(value);
  const int code = ::mdb_put(txn_, dbi_of(table), &at, &what, 0);
  if (code != 0) return std::unexpected(trouble_in(*environment_, code, "write a row"));
  return {};
}

result<std::span<std::uint8_t>> write_transaction::append(table table, bytes_view key, std::size_t size) {
  MDB_val at = value_of(key);
  MDB_val space{size, nullptr};
  const int code = ::mdb_put(txn_, dbi_of(table), &at, &space, MDB_APPEND | MDB_RESERVE);
  if (code != 0) return std::unexpected(trouble_in(*environment_, code, "append a row"));
  return std::span(static_cast<std::uint8_t*>(space.mv_data), size);
}

result<bool> write_transaction::erase(table table, bytes_view key) {
  MDB_val at = value_of(key);
  const int code = ::mdb_del(txn_, dbi_of(table), &at, nullptr);
  if (code == MDB_NOTFOUND) return false;
  if (code != 0) return std::unexpected(trouble_in(*environment_, code, "erase a row"));
  return true;
}

result<void> write_transaction::clear(table table) {
  const int code = ::mdb_drop(txn_, dbi_of(table), 0);
  if (code != 0) return std::unexpected(trouble_in(*environment_, code, "empty a table"));
  return {};
}

result<void> write_transaction::commit() {
  const auto& fault = environment_->settings_.fault;
  int code = fault ? fault(commit_stage::before) : 0;
  MDB_txn* txn = std::exchange(txn_, nullptr);
  if (code != 0) {
    ::mdb_txn_abort(txn);
  } else {
    const quiet_file_limit quiet;
    code = ::mdb_txn_commit(txn);
    if (code == 0 && fault) code = fault(commit_stage::after);
  }
  if (code == 0) environment_->cover_last_page();
  turn_.unlock();
  if (code != 0) return std::unexpected(trouble_in(*environment_, code, "commit"));
  return {};
}

}  // namespace quipu::storage
