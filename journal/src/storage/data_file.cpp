#include "storage/data_file.hpp"

#include "storage/trouble.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace quipu::storage {

using journal::fail;
using journal::failure_kind;
using journal::result;

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

// LMDB 0.9's meta page on a 64-bit machine: a page header of 16 bytes, then this.
struct meta_page {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint64_t address;
  std::uint64_t map_size;
  struct tree {
    std::uint32_t pad;  // of the first tree: the page size
    std::uint16_t flags;
    std::uint16_t depth;
    std::uint64_t branch_pages, leaf_pages, overflow_pages, entries, root;
  } trees[2];
  std::uint64_t last_page;
  std::uint64_t transaction;
};
static_assert(sizeof(meta_page) == 136);
constexpr std::uint32_t meta_magic = 0xBEEFC0DE;
constexpr std::uint32_t meta_version = 1;
constexpr std::size_t page_header = 16;
constexpr std::uint64_t no_page = ~std::uint64_t{0};

class descriptor {
 public:
  explicit descriptor(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<journal::failure> damaged(const std::filesystem::path& path, const std::string& how) {
  return fail(error_code::storage_damaged, path.string() + " is damaged: " + how + "; restore a copy");
}

result<meta_page> read_meta(int fd, const std::filesystem::path& path, std::uint64_t offset) {
  meta_page meta{};
  if (::pread(fd, &meta, sizeof meta, static_cast<off_t>(offset + page_header)) != sizeof meta) {
    return damaged(path, "it ends within its first two pages, it was cut short");
  }
  if (meta.magic != meta_magic)
    return damaged(path, "it is no LMDB file (or its first pages were overwritten)");
  if (meta.version != meta_version) {
    return fail(error_code::storage_version,
                path.string() + " has LMDB format " + std::to_string(meta.version) +
                    ", this program reads format 1; use the version that wrote it");
  }
  const std::uint32_t page_size = meta.trees[0].pad;
  if (!std::has_single_bit(page_size) || page_size < 512 || page_size > 65536) {
    return damaged(path, "its page size is given as " + std::to_string(page_size));
  }
  for (const auto& tree : meta.trees) {
    if (tree.root != no_page && tree.root > meta.last_page)
      return damaged(path, "a root lies past its last page");
  }
  return meta;
}

}  // namespace

result<data_file_facts> check_data_file(const std::filesystem::path& directory) {
  const auto path = directory / "data.mdb";
  descriptor file(path);
  if (file.get() < 0) {
    const int error = errno;
    if (error == ENOENT || error == ENOTDIR) return data_file_facts{};
    return std::unexpected(trouble(error, directory, "read data.mdb"));
  }
  auto first = read_meta(file.get(), path, 0);
  if (!first) return std::unexpected(first.error());
  const std::uint32_t page_size = first->trees[0].pad;
  auto second = read_meta(file.get(), path, page_size);
  if (!second) return std::unexpected(second.error());
  if (second->trees[0].pad != page_size) return damaged(path, "its two first pages differ in the page size");
  const meta_page& newest = first->transaction < second->transaction ? *second : *first;

  struct stat facts{};  // after the pages were read: a live writer grows the file before it counts more pages
  if (::fstat(file.get(), &facts) != 0) return std::unexpected(trouble(errno, directory, "measure data.mdb"));
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  if (newest.last_page >= size / page_size) {
    return damaged(path, "it holds " + std::to_string(size) + " bytes and should hold at least " +
                             std::to_string((newest.last_page + 1) * page_size) + ", it was cut short");
  }
  return data_file_facts{true, size, page_size, newest.last_page};
}

void discard_unfinished(const std::filesystem::path& directory) {
  std::error_code error;  // what can't be measured or removed is met when it is opened
  const auto size = std::filesystem::file_size(directory / "data.mdb", error);
  const auto page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  if (!error && size < 2 * page_size) std::filesystem::remove(directory / "data.mdb", error);
}

data_file::data_file(int fd, std::filesystem::path directory) : fd_(fd), directory_(std::move(directory)) {
  struct stat facts{};
  if (::fstat(fd_, &facts) == 0) size_ = static_cast<std::uint64_t>(facts.st_size);
}

int data_file::allocate(std::uint64_t bytes) {
  const quiet_file_limit quiet;
  int error = 0;
  do {
    error = ::posix_fallocate(fd_, static_cast<off_t>(size_), static_cast<off_t>(bytes - size_));
  } while (error == EINTR);
  if (error == 0 && ::fsync(fd_) != 0) error = errno;
  // A failed attempt may have taken a part; it is given back, for others need it as much.
  if (error != 0) {
    [[maybe_unused]] const int back = ::ftruncate(fd_, static_cast<off_t>(size_));
  } else {
    size_ = bytes;
  }
  return error;
}

result<void> data_file::cover(std::uint64_t bytes, std::uint64_t limit) {
  if (bytes <= size_) return {};
  const std::uint64_t step = std::clamp(std::bit_floor(size_ / 2 + 1), mebibyte, 64 * mebibyte);
  const std::uint64_t wished = std::max(bytes, std::min((bytes + step - 1) / step * step, limit));
  int error = allocate(wished);
  if (out_of_space(error) && wished > bytes) error = allocate(bytes);
  if (error == 0) return {};
  return std::unexpected(
      trouble(error, directory_, "make data.mdb longer than " + std::to_string(size_) + " bytes"));
}

void data_file::stretch(std::uint64_t bytes) {
  if (bytes <= size_) return;
  struct stat facts{};
  if (::fstat(fd_, &facts) != 0) return;
  size_ = static_cast<std::uint64_t>(facts.st_size);
  if (bytes <= size_) return;
  const quiet_file_limit quiet;
  if (::ftruncate(fd_, static_cast<off_t>(bytes)) == 0) size_ = bytes;
}

// The signal goes to the thread whose write went too far: where it is blocked, it waits, and is taken out
// again.
quiet_file_limit::quiet_file_limit() {
  sigset_t signal, before;
  sigemptyset(&signal);
  sigaddset(&signal, SIGXFSZ);
  pthread_sigmask(SIG_BLOCK, &signal, &before);
  ours_ = sigismember(&before, SIGXFSZ) == 0;
}

quiet_file_limit::~quiet_file_limit() {
  if (!ours_) return;  // an outer one, or the program itself, has blocked it
  const int error = errno;
  sigset_t signal;
  sigemptyset(&signal);
  sigaddset(&signal, SIGXFSZ);
  const timespec now{};
  while (sigtimedwait(&signal, nullptr, &now) > 0) {
  }
  pthread_sigmask(SIG_UNBLOCK, &signal, nullptr);
  errno = error;
}

}  // namespace quipu::storage
