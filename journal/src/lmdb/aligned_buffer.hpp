/// Memory for records: aligned, shared, not cleared.
#pragma once

#include <quipu/journal/id.hpp>

#include <cstdint>
#include <cstring>
#include <memory>

namespace quipu::journal::lmdb {

/// 16 bytes on a boundary of 16; a buffer is an array of these.
struct alignas(16) aligned_block {
  std::uint8_t bytes[16];
};

constexpr std::size_t aligned_size(std::size_t bytes) { return (bytes + 15) / 16 * 16; }

inline std::shared_ptr<aligned_block[]> aligned_buffer(std::size_t bytes) {
  return std::make_shared_for_overwrite<aligned_block[]>(aligned_size(bytes) / 16);
}

inline std::shared_ptr<aligned_block[]> aligned_copy(bytes_view data) {
  auto buffer = aligned_buffer(data.size());
  std::memcpy(buffer.get(), data.data(), data.size());
  return buffer;
}

}  // namespace quipu::journal::lmdb
