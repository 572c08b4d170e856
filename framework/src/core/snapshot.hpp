/// The bytes of a checkpoint row: an entity's durable image and its repeat window, with a checksum.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/id.hpp>
#include <quipu/journal/position.hpp>

#include <cstdint>
#include <string_view>

namespace quipu::core {

/// Views: of the caller's data when encoding, of the row's bytes after decoding.
struct snapshot {
  id128 incarnation;
  id128 fingerprint;
  std::string_view category;
  std::string_view key;
  std::uint64_t sequence = 0;
  quipu::position position;
  bool exists = false;
  bytes_view state;
  bytes_view repeats;
  id128 newest_forgotten;
  bytes_view handled;        ///< handled_sources; empty: none
  std::int64_t time_us = 0;  ///< of its last commit; 0 in rows of an older version, which did not keep it
};

bytes encode(const snapshot& content);

/// Survives any bytes at all; `row` must be 8-byte aligned. Fails with `corrupt` or `unsupported` and the
/// reason.
journal::result<snapshot> decode_snapshot(bytes_view row);

}  // namespace quipu::core
