/// What stands around the FlatBuffers body of every record: a 16-byte front and a 16-byte checksum.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/id.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace quipu::journal::envelope {

enum class record_kind : std::uint8_t { header = 1, batch = 2 };

inline constexpr std::uint16_t format_version = 1;
/// Of a batch: a commit in it begins an entity again after its time to live. A reader that knew nothing of it would go on
/// folding the old state, so it must not read on.
inline constexpr std::uint16_t flag_expiry = 1;
/// Of a batch: a commit in it has a source. A reader that knew nothing of it would forget the mark, in its snapshots too,
/// and a late repeat would be done again.
inline constexpr std::uint16_t flag_source = 2;
inline constexpr std::size_t front_size = 16;
inline constexpr std::size_t footer_size = 16;

/// Copies `body` (a multiple of 8 bytes) into a new record with front and checksum.
std::shared_ptr<const bytes> wrap(record_kind kind, bytes_view body, std::uint16_t flags = 0);

/// A body whose envelope holds, within the record's bytes.
struct opened {
  bytes_view body;
  checksum sum;
  std::uint16_t flags = 0;
};

/// Checks alignment, lengths, magic, version, flags, kind and checksum; any bytes at all may come in.
result<opened> unwrap(record_kind expected, bytes_view record);

}  // namespace quipu::journal::envelope
