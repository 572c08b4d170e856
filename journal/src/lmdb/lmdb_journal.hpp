/// The journal that needs no server: an LMDB environment in a directory.
#pragma once

#include "storage/environment.hpp"

#include <quipu/journal/journal.hpp>
#include <quipu/journal/open.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

namespace quipu::journal::lmdb {

struct settings {
  std::filesystem::path path;
  /// An fsync before every acknowledgement; false: a power cut may undo the last commit
  /// (storage::flush::meta_later).
  bool sync = true;
  std::uint64_t map_size = std::uint64_t{64} << 30U;  ///< bytes of address space, reserved at opening
  std::uint64_t max_map_size = std::uint64_t{16}
                               << 40U;  ///< how far it may grow; appends past it are refused
  /// For tests: see storage::environment_settings.
  std::function<int(storage::commit_stage)> fault;
};

/// Creates a journal in `path`: it is there as a whole or not at all. `exists` when there is one.
result<void> create(const settings& settings, const creation& how);

/// `not_found` when there is none, `locked` when it is held already. Keep it alive longer than its cursors.
result<std::unique_ptr<journal>> open(const settings& settings, access mode);

}  // namespace quipu::journal::lmdb
