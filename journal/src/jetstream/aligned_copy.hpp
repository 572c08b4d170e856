/// Records are read in place, which needs 8-byte alignment; messages come in at any address.
#pragma once

#include <quipu/journal/id.hpp>

#include <cstring>
#include <memory>

namespace quipu::journal::jetstream {

struct aligned_block {
  std::shared_ptr<const void> keep;
  std::uint8_t* bytes = nullptr;
};

inline aligned_block aligned_block_of(std::size_t size) {
  auto words = std::make_shared_for_overwrite<std::uint64_t[]>(size / sizeof(std::uint64_t) + 1);
  auto* first = reinterpret_cast<std::uint8_t*>(words.get());
  return {std::move(words), first};
}

inline aligned_block aligned_copy(bytes_view data) {
  auto block = aligned_block_of(data.size());
  if (!data.empty()) std::memcpy(block.bytes, data.data(), data.size());
  return block;
}

}  // namespace quipu::journal::jetstream
