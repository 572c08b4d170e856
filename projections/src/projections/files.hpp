/// Small files: read, and replaced as a whole.
#pragma once

#include "projections/failures.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace quipu::projecting {

class descriptor {
 public:
  descriptor(const std::filesystem::path& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~descriptor() { close(); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const { return fd_; }
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

/// Of a call that has just set errno.
std::unexpected<failure> trouble_with(const std::filesystem::path& path, const char* what);
/// Nothing: it is not there.
result<std::optional<std::string>> read_file(const std::filesystem::path& path);
/// Whole or not at all, and durable: a file beside it takes its name.
result<void> replace_file(const std::filesystem::path& path, std::string_view text);
result<void> flush_directory(const std::filesystem::path& path);

}  // namespace quipu::projecting
