/// Checkpoints in LMDB: one environment for all partitions of a node.
#pragma once

#include "core/checkpoint.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace quipu::checkpoint {

struct opened_checkpoints {
  std::unique_ptr<core::checkpoint_store> store;
  /// Why what was there was thrown away, for the status; empty when it was used (or there was nothing).
  std::string discarded;
};

/// Opens or makes the store in `directory`. It is bound to the journal's incarnation: one of another journal,
/// of a newer or older format, with a row lost or too many, cut short or otherwise damaged is emptied, and
/// `discarded` says why. Fails only where a new one cannot be made either (not writable, no space, held by
/// another process).
journal::result<opened_checkpoints> open_lmdb(const std::filesystem::path& directory, id128 incarnation,
                                              std::uint32_t partitions);

/// For tests and tools: reads every snapshot of a store from open_lmdb() and compares count and digest with
/// what was written; `corrupt` names the first category and partition where they differ.
journal::result<void> verify_lmdb(core::checkpoint_store& store);

}  // namespace quipu::checkpoint
