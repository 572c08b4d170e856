#include "format/new_identity.hpp"
#include "lmdb/lmdb_journal.hpp"
#include "lmdb/log_store.hpp"
#include "storage/directory_hold.hpp"
#include "storage/trouble.hpp"

#include <quipu/journal/record.hpp>

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace quipu::journal::lmdb {

namespace {

result<void> write_first(const std::filesystem::path& directory, const settings& settings,
                         const creation& how) {
  auto environment = storage::environment::open({.directory = directory, .map_size = settings.map_size});
  if (!environment) return std::unexpected(environment.error());
  log_store store{.environment = std::move(*environment)};
  if (auto opened = store.open_tables(); !opened) return opened;
  const auto header = encode_header(new_identity(how));
  auto write = store.environment->begin_write({2, header->size() + 64});
  if (!write) return std::unexpected(write.error());
  if (auto put = write->put(store.meta, as_bytes("format"), as_bytes("1")); !put) return put;
  if (auto put = write->put(store.meta, as_bytes("header"), *header); !put) return put;
  return write->commit();
}

result<void> make_durable(const std::filesystem::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int code = fd < 0 || ::fsync(fd) != 0 ? errno : 0;
  if (fd >= 0) ::close(fd);
  if (code == 0) return {};
  return std::unexpected(storage::trouble(code, directory, "make the new file durable"));
}

}  // namespace

// Made aside and moved into place, so that a file without a header is damage and never a beginning.
result<void> create(const settings& settings, const creation& how) {
  if (auto checked = check_creation(how); !checked) return checked;
  auto hold = storage::directory_hold::take(settings.path, true);
  if (!hold) return std::unexpected(hold.error());
  const auto file = settings.path / "data.mdb";
  const auto aside = settings.path / "new";
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    return fail(error_code::journal_exists, "there is a journal in " + settings.path.string() + " already");
  }
  std::filesystem::remove_all(aside, error);
  if (auto written = write_first(aside, settings, how); !written) {
    std::filesystem::remove_all(aside, error);
    return written;
  }
  std::filesystem::rename(aside / "data.mdb", file, error);
  if (error)
    return std::unexpected(storage::trouble(error.value(), settings.path, "put data.mdb in its place"));
  std::filesystem::remove_all(aside, error);
  return make_durable(settings.path);
}

}  // namespace quipu::journal::lmdb
