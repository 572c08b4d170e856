#include "replay/private_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace quipu::tool {

std::expected<private_directory, std::string> private_directory::make() {
  std::error_code error;
  const auto home = std::filesystem::temp_directory_path(error);
  if (error)
    return std::unexpected("there is no directory for temporary files: " + error.message() + "; set TMPDIR");
  auto name = (home / "quipu-replay-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return std::unexpected("cannot make a directory in " + home.string() + ": " +
                           std::system_category().message(errno) + "; set TMPDIR to another place");
  return private_directory(name);
}

private_directory::~private_directory() {
  std::error_code error;
  if (!path_.empty()) std::filesystem::remove_all(path_, error);
}

private_directory::private_directory(private_directory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

}  // namespace quipu::tool
