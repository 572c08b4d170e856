/// Journals by URL: `lmdb:PATH`, `nats://HOST:PORT/NAME`, `memory:`.
#pragma once

#include <quipu/journal/journal.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace quipu::journal {

enum class access : std::uint8_t {
  write,  ///< one process at a time; a second one is told the first one's pid
  read,   ///< beside a live writer; every call that would change something fails
};

/// Fixed when a journal is created.
struct creation {
  std::uint32_t partitions = 16;
  /// Of one encoded record, with everything. The same for every backend, so that any journal can be copied to any other.
  std::uint32_t max_record_bytes = 768 * 1024;
  std::string creator = "quipu";
};

/// What the URL does not say. A query may say it instead: `lmdb:data?sync=none&map_size=1GiB`.
struct opening {
  access mode = access::write;
  /// What `lmdb:` without a path means: DIRECTORY/journal.
  std::filesystem::path node_directory;
};

/// Creates a journal and writes its header; `exists` when there is one.
result<void> create(std::string_view url, const creation& how, const opening& where = {});

/// Opens a journal; `not_found` when there is none.
result<std::unique_ptr<journal>> open(std::string_view url, const opening& how = {});

/// Opens it, and creates it first when there is none.
result<std::unique_ptr<journal>> open_or_create(std::string_view url, const creation& if_missing,
                                                const opening& how = {});

}  // namespace quipu::journal
