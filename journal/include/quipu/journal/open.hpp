/// Journals by URL: `lmdb:PATH`, `nats://HOST:PORT/NAME`, `memory:`.
#pragma once

#include <quipu/journal/journal.hpp>
#include <quipu/journal/login.hpp>

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
  /// Of nats:// journals: servers of a cluster that keep a copy, 1 to 5; the others have one.
  std::uint32_t replicas = 1;
  /// Of a copy: the lineage of the journal that is copied. Zero: a new one.
  id128 lineage = {};
};

/// What the URL does not say. A query may say it instead: `lmdb:data?sync=none&map_size=1GiB`.
struct opening {
  access mode = access::write;
  /// What `lmdb:` without a path means: DIRECTORY/journal.
  std::filesystem::path node_directory;
  /// Who writes, for people and for a second writer that is refused. Empty: host and pid.
  std::string owner;
  /// Open for writing although another process answers as the owner (nats:// only: lmdb: is held by a lock). Its next
  /// append is fenced once a partition is claimed.
  bool take_over = false;
  /// For servers that ask who one is.
  server_login login;
};

/// Creates a journal and writes its header; `exists` when there is one.
result<void> create(std::string_view url, const creation& how, const opening& where = {});

/// Opens a journal; `not_found` when there is none.
result<std::unique_ptr<journal>> open(std::string_view url, const opening& how = {});

/// Opens it, and creates it first when there is none.
result<std::unique_ptr<journal>> open_or_create(std::string_view url, const creation& if_missing,
                                                const opening& how = {});

/// The URL without user, password and token: for everything that is shown or logged.
std::string without_secrets(std::string_view url);

}  // namespace quipu::journal
