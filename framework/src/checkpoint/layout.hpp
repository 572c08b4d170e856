/// How checkpoints lie in LMDB.
///
/// Tables:
///   meta           "store"                          -> store_row: which journal this belongs to
///                  "c" partition(4) category        -> category_row: floor, fingerprint, rows and digest of
///                  a category "n" partition(4)                 -> newest_row: the newest record of which
///                  anything is held
///   rows.CATEGORY  partition(4) key                 -> the snapshot's image
///   quarantine     partition(4) category "/" key    -> replay_from (8), why
/// Partitions in keys are big-endian, so that a partition's rows lie together. Every value but an image ends
/// with the XXH3-128 of its key and of what stands before it. Images carry their own checksum; that one of
/// them is missing shows in count and digest.
#pragma once

#include "core/checkpoint.hpp"

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace quipu::checkpoint {

static_assert(std::endian::native == std::endian::little, "what follows is stored as it lies in memory");

inline constexpr std::uint32_t layout_version = 1;
inline constexpr std::string_view rows_prefix = "rows.";
inline constexpr std::string_view store_key = "store";

struct store_row {
  std::uint32_t version = layout_version;
  std::uint32_t partitions = 0;
  id128 incarnation;
};

struct category_row {
  id128 fingerprint;
  position floor;
  std::uint64_t has_floor = 0;
  std::uint64_t rows = 0;
  id128 digest;  ///< the sum of digest_of() over the rows, so that order does not matter
  std::uint64_t reserved = 0;
};
static_assert(sizeof(category_row) == 64);

struct newest_row {
  record_number number = 0;
  checksum sum;
};

inline std::string partition_prefix(core::partition_id partition) {
  std::string key(4, '\0');
  for (int i = 0; i < 4; ++i) key[i] = static_cast<char>(partition >> (24 - 8 * i) & 0xffU);
  return key;
}
inline core::partition_id partition_in(std::string_view key) {
  core::partition_id partition = 0;
  for (int i = 0; i < 4; ++i) partition = partition << 8U | static_cast<std::uint8_t>(key[i]);
  return partition;
}
inline std::string row_key(core::partition_id partition, std::string_view key) {
  return partition_prefix(partition).append(key);
}
inline std::string category_key(core::partition_id partition, std::string_view category) {
  return ("c" + partition_prefix(partition)).append(category);
}
inline std::string newest_key(core::partition_id partition) { return "n" + partition_prefix(partition); }
inline std::string quarantine_key(core::partition_id partition, std::string_view category,
                                  std::string_view key) {
  return partition_prefix(partition).append(category).append("/").append(key);
}

inline id128 sum_of(const id128& a, const id128& b) {
  const std::uint64_t low = a.low + b.low;
  return {a.high + b.high + (low < a.low ? 1 : 0), low};
}
inline id128 difference_of(const id128& a, const id128& b) {
  return {a.high - b.high - (a.low < b.low ? 1 : 0), a.low - b.low};
}

/// What a row adds to its category's digest. The key's length goes first: no two rows read the same.
inline id128 digest_of(std::string_view key, bytes_view image) {
  std::string text(1, static_cast<char>(key.size()));
  text.append(key);
  const id128 of_image = checksum_of(image);
  text.append(reinterpret_cast<const char*>(&of_image), sizeof of_image);
  return checksum_of(as_bytes(text));
}

/// Appends the checksum that binds a value to its key.
inline std::string sealed(std::string_view key, std::string_view value) {
  const checksum sum = checksum_of(as_bytes(std::string(key).append("\n").append(value)));
  return std::string(value).append(reinterpret_cast<const char*>(&sum), sizeof sum);
}
template <class Row>
std::string sealed_row(std::string_view key, const Row& row) {
  static_assert(std::has_unique_object_representations_v<Row>, "no padding: its bytes are stored");
  return sealed(key, {reinterpret_cast<const char*>(&row), sizeof row});
}

/// The value without its checksum; nothing when it does not hold.
inline std::optional<std::string_view> unsealed(std::string_view key, std::string_view value) {
  if (value.size() < sizeof(checksum)) return std::nullopt;
  const auto content = value.substr(0, value.size() - sizeof(checksum));
  if (sealed(key, content) != value) return std::nullopt;
  return content;
}
template <class Row>
std::optional<Row> unsealed_row(std::string_view key, std::string_view value) {
  const auto content = unsealed(key, value);
  if (!content || content->size() != sizeof(Row)) return std::nullopt;
  Row row;
  content->copy(reinterpret_cast<char*>(&row), sizeof row);
  return row;
}

}  // namespace quipu::checkpoint
