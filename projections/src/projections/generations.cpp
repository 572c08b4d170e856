#include "projections/generations.hpp"

#include "storage/data_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace quipu::projecting {
namespace {

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

// Whole or not at all, and durable: a file beside it takes its name.
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

std::optional<std::uint32_t> number_in(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

}  // namespace

commit_turns::commit_turns(const std::filesystem::path& generation)
    : fd_(::open((generation / "turns").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {}

commit_turns::~commit_turns() {
  if (fd_ >= 0) ::close(fd_);
}

commit_turns::turn::turn(int fd, bool alone) : fd_(fd) {
  while (fd_ >= 0 && ::flock(fd_, alone ? LOCK_EX : LOCK_SH) != 0 && errno == EINTR) {
  }
}

commit_turns::turn::~turn() {
  if (fd_ >= 0) ::flock(fd_, LOCK_UN);
}

generations::generations(const std::filesystem::path& node_directory, std::string_view projection)
    : home_(node_directory / "read-models" / projection) {}

std::filesystem::path generations::directory_of(std::uint32_t generation) const {
  return home_ / std::to_string(generation);
}

result<std::uint32_t> generations::live() const {
  auto text = read_file(home_ / "live");
  if (!text) return std::unexpected(text.error());
  if (!*text) return 0;
  std::string_view line = **text;
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (const auto number = number_in(line)) return *number;
  return fail(error_code::projection_damaged,
              (home_ / "live").string() +
                  " should hold the number of a generation; write one of the directories "
                  "beside it there");
}

result<std::vector<std::uint32_t>> generations::all() const {
  std::vector<std::uint32_t> list;
  std::error_code error;
  for (auto at = std::filesystem::directory_iterator(home_, error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    if (const auto number = number_in(at->path().filename().string())) list.push_back(*number);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    errno = error.value();
    return trouble_with(home_, "list");
  }
  std::ranges::sort(list);
  return list;
}

result<void> generations::make_live(std::uint32_t generation) const {
  return replace_file(home_ / "live", std::to_string(generation) + "\n");
}

std::optional<std::string> generations::paused(std::uint32_t generation) const {
  const auto path = directory_of(generation) / "paused";
  if (::access(path.c_str(), F_OK) != 0) return std::nullopt;
  auto text = read_file(path);
  return text && *text ? **text : std::string();
}

result<void> generations::pause(std::uint32_t generation, std::string_view reason) const {
  return replace_file(directory_of(generation) / "paused", reason);
}

result<void> generations::resume(std::uint32_t generation) const {
  const auto path = directory_of(generation) / "paused";
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return trouble_with(path, "remove");
  return flush_directory(path.parent_path());
}

}  // namespace quipu::projecting
