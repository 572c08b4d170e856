/// The file beneath an LMDB environment: checked before LMDB maps it, and kept longer than what LMDB uses of
/// it.
#pragma once

#include <quipu/journal/failure.hpp>

#include <cstdint>
#include <filesystem>

namespace quipu::storage {

/// What the file says of itself, read without mapping it.
struct data_file_facts {
  bool exists = false;
  std::uint64_t size = 0;
  std::uint32_t page_size = 0;
  std::uint64_t last_page = 0;
};

/// Reads both meta pages and compares the newest with the file's size. LMDB checks neither: a damaged page
/// size is a division by zero, and a file cut short a SIGBUS. `corrupt` names what does not hold;
/// `unsupported` another LMDB format.
journal::result<data_file_facts> check_data_file(const std::filesystem::path& directory);

/// Removes a file that ends within its first two pages: whoever made it was killed or had no room, and nothing was stored.
void discard_unfinished(const std::filesystem::path& directory);

/// Keeps the file ahead of what LMDB will write next, in growing steps. One thread at a time.
///
/// LMDB may leave the last pages of its count unwritten, so only a file that is kept ahead can be told from
/// one that was cut short; and a full disk is found here, where nothing has happened yet, instead of inside a
/// commit.
class data_file {
 public:
  data_file() = default;
  data_file(int fd, std::filesystem::path directory);

  /// Makes the file at least `bytes` long (and up to `limit` where it grows), with its blocks reserved.
  /// `refused` when there is no room; the file is as it was then.
  journal::result<void> cover(std::uint64_t bytes, std::uint64_t limit);
  /// As cover(), where what LMDB wrote exceeded what was foreseen: only the size matters now.
  void stretch(std::uint64_t bytes);

  std::uint64_t size() const { return size_; }

 private:
  int allocate(std::uint64_t bytes);

  int fd_ = -1;
  std::uint64_t size_ = 0;
  std::filesystem::path directory_;
};

/// While this lives, a write past RLIMIT_FSIZE is an error of the call and not a signal that ends the
/// process.
class quiet_file_limit {
 public:
  quiet_file_limit();
  ~quiet_file_limit();
  quiet_file_limit(const quiet_file_limit&) = delete;
  quiet_file_limit& operator=(const quiet_file_limit&) = delete;

 private:
  bool ours_ = false;
};

}  // namespace quipu::storage
