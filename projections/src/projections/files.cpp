#include "projections/files.hpp"

#include "storage/data_file.hpp"

#include <array>
#include <cerrno>
#include <system_error>

namespace quipu::projecting {

std::unexpected<failure> trouble_with(const std::filesystem::path& path, const char* what) {
  return fail(error_code::projection_directory, std::string("cannot ") + what + " " + path.string() + ": " +
                                                    std::system_category().message(errno) +
                                                    "; mend that and try again");
}

result<std::optional<std::string>> read_file(const std::filesystem::path& path) {
  descriptor file(path, O_RDONLY);
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return trouble_with(path, "read");
  }
  std::string text;
  std::array<char, 1024> part{};
  for (;;) {
    const auto size = ::read(file.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return trouble_with(path, "read");
    if (size == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
}

result<void> flush_directory(const std::filesystem::path& path) {
  descriptor directory(path, O_RDONLY | O_DIRECTORY);
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return trouble_with(path, "flush");
  return {};
}

result<void> replace_file(const std::filesystem::path& path, std::string_view text) {
  auto beside = path;
  beside += ".new";
  const storage::quiet_file_limit quiet;
  {
    descriptor file(beside, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.get() < 0) return trouble_with(beside, "write");
    while (!text.empty()) {
      const auto size = ::write(file.get(), text.data(), text.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return trouble_with(beside, "write");
      text.remove_prefix(static_cast<std::size_t>(size));
    }
    if (::fsync(file.get()) != 0 || !file.close()) return trouble_with(beside, "write");
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return trouble_with(path, "replace");
  return flush_directory(path.parent_path());
}

}  // namespace quipu::projecting
