/// A directory of this run's own, gone when the run is over.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace quipu::tool {

/// In the system's place for temporary files (TMPDIR).
class private_directory {
 public:
  static std::expected<private_directory, std::string> make();
  ~private_directory();
  private_directory(private_directory&& other) noexcept;
  private_directory& operator=(private_directory&&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit private_directory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace quipu::tool
