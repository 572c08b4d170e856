/// How a journal lies in LMDB, and reading it.
///
/// Tables:
///   log      record number (u64, native integer key, counting from 1) -> record_prefix, then the record's
///   bytes tails    partition (u32, native integer key) -> tail_row schemas  hash (16 bytes, big-endian) ->
///   binary schema meta     "format" -> "1"; "header" -> the header record; "settled" -> how often an unknown
///   outcome was settled
#pragma once

#include "storage/environment.hpp"

#include <quipu/journal/journal.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quipu::journal::lmdb {

static_assert(std::endian::native == std::endian::little, "what follows is stored as it lies in memory");

/// What stands before a record's bytes: enough to filter and to walk a partition without decoding. 16 bytes,
/// so that the record behind it stays aligned.
struct record_prefix {
  std::uint32_t partition = 0;
  std::uint32_t reserved = 0;
  record_number previous = 0;  ///< of the same partition; 0: this is its first
};
static_assert(sizeof(record_prefix) == 16);

/// Written with every group: where a partition ends, and how much it holds.
struct tail_row {
  record_number last = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};
static_assert(sizeof(tail_row) == 24);

/// A row of `log`, seen in place.
struct log_row {
  record_number number = 0;
  record_prefix prefix;
  bytes_view data;
};

/// The end of the journal, as a whole and by partition.
struct log_end {
  record_number last = 0;
  std::vector<tail_row> tails;  ///< by partition
};

struct log_store {
  std::unique_ptr<storage::environment> environment;
  storage::table log, tails, schemas, meta;
  identity about;

  /// Opens the tables; makes them where the environment is open for writing.
  result<void> open_tables();
  /// Reads format and header into `about`.
  result<void> read_header();

  result<log_row> parse(const storage::row& row) const;
  result<std::optional<log_row>> find(const storage::read_transaction& look, record_number number) const;
  result<tail_row> tail_of(const storage::transaction& look, partition_id partition) const;
  /// Reads all tails and checks them against the log.
  result<log_end> read_end() const;
  result<summary> summarize() const;

  failure damaged(const std::string& how) const;
};

/// A copy of a record that lives by itself, aligned to 16 bytes.
stored_record copy_of(const log_row& row);

/// 16 bytes, the high half first.
std::array<std::uint8_t, 16> schema_key(const id128& hash);
std::optional<id128> schema_hash_in(bytes_view key);

}  // namespace quipu::journal::lmdb
