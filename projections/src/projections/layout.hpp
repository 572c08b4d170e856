/// How one generation of a projection lies in LMDB.
///
/// Tables:
///   meta     "store"          -> store_row: which projection and journal this belongs to
///            "progress"       -> progress_row: how far it is
///            "counts"         -> counts_row: what was done so far, for people (other processes look at it)
///            "model"          -> read_model.fbs, Model: the tables of the rows, for programs that do not have them
///            "t" partition(4) -> tail_row: the last record of the partition that was applied
///   marks    category "/" key -> mark_row
///   letters  event key        -> dead_letter.fbs, Letter
///   skips    event key        -> dead_letter.fbs, Skip
///   rows.TABLE                the author's rows by their keys; rows.TABLE.KEY: a further key, then the row's own
/// Numbers in keys are big-endian. What stands in meta is checked against the journal when it is followed.
#pragma once

#include <quipu/journal/id.hpp>
#include <quipu/journal/journal.hpp>
#include <quipu/journal/position.hpp>

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace quipu::projecting {

static_assert(std::endian::native == std::endian::little, "what follows is stored as it lies in memory");

inline constexpr std::uint32_t layout_version = 1;

/// Numbers of the tables; the author's follow.
enum own_table : std::uint32_t { meta_table, marks_table, letters_table, skips_table, own_tables };
inline constexpr std::string_view own_table_names[] = {"meta", "marks", "letters", "skips"};

inline constexpr std::string_view store_key = "store";
inline constexpr std::string_view progress_key = "progress";
inline constexpr std::string_view counts_key = "counts";
inline constexpr std::string_view description_key = "model";

struct store_row {
  std::uint32_t version = layout_version;
  std::uint32_t projection_version = 0;
  id128 fingerprint;
  id128 incarnation;
  id128 lineage;
};
static_assert(sizeof(store_row) == 56);

struct progress_row {
  quipu::position position;
  checksum record;           ///< of the record that the position lies in
  std::int64_t time_us = 0;  ///< of the last commit in it
};
static_assert(sizeof(progress_row) == 32);

/// Since the generation was made. Nothing rests on them.
struct counts_row {
  std::uint64_t applied = 0;
  std::uint64_t passed = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t retries = 0;
};

struct tail_row {
  record_number number = 0;
  checksum sum;
};

/// Both are numbers of an entity's events, 0: none. What is not past either has been seen.
struct mark_row {
  std::uint64_t applied = 0;  ///< the last one in effect (or skipped)
  std::uint64_t parked = 0;   ///< the last one among the dead letters
};

inline std::string tail_key(journal::partition_id partition) {
  std::string key(5, 't');
  for (int i = 0; i < 4; ++i) key[1 + i] = static_cast<char>(partition >> (24 - 8 * i) & 0xffU);
  return key;
}
inline journal::partition_id partition_in(std::string_view tail_key) {
  journal::partition_id partition = 0;
  for (int i = 1; i < 5; ++i) partition = partition << 8U | static_cast<std::uint8_t>(tail_key[i]);
  return partition;
}

template <class Row>
bytes_view bytes_of(const Row& row) {
  static_assert(std::has_unique_object_representations_v<Row>, "no padding: its bytes are stored");
  return {reinterpret_cast<const std::uint8_t*>(&row), sizeof row};
}
template <class Row>
std::optional<Row> row_in(bytes_view bytes) {
  if (bytes.size() != sizeof(Row)) return std::nullopt;
  Row row;
  std::memcpy(&row, bytes.data(), sizeof row);
  return row;
}

}  // namespace quipu::projecting
