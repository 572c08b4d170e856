/// Who may use a directory: one writing process, and each process once.
#pragma once

#include <quipu/journal/failure.hpp>

#include <filesystem>
#include <utility>

#include <sys/types.h>

namespace quipu::storage {

/// A process's hold on a directory, given back by the destructor.
///
/// A writer locks the file `lock` in it (flock: the kernel gives it back when the process ends, however it
/// ends) and writes its pid there for the message that others get. Readers lock nothing. Within one process a
/// directory is held once, writing or reading: LMDB forbids opening an environment twice, for closing one of
/// the two drops the locks of both. A child made by fork shares the hold; fork only with exec.
class directory_hold {
 public:
  /// Makes the directory when `write` is set and it is not there. Fails with `locked` naming the pid,
  /// `refused` where the directory cannot be made or written, `not_found` where there is none to read.
  static journal::result<directory_hold> take(const std::filesystem::path& directory, bool write);

  directory_hold() = default;
  ~directory_hold();
  directory_hold(directory_hold&& other) noexcept;
  directory_hold& operator=(directory_hold&& other) noexcept;

 private:
  using place = std::pair<dev_t, ino_t>;
  journal::result<void> lock_file(const std::filesystem::path& directory);
  void release();

  place place_{};
  bool registered_ = false;
  int lock_ = -1;
};

}  // namespace quipu::storage
