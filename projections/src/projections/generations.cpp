#include "projections/generations.hpp"

#include "projections/files.hpp"

#include "storage/directory_hold.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <sstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace quipu::projecting {
namespace {

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

// The mark of the one that is replaced goes first, should it still be there: one that was live is never taken for a rebuild.
result<void> generations::make_live(std::uint32_t generation) const {
  const auto unmark = [&](std::uint32_t which) { ::unlink((directory_of(which) / "unpromoted").c_str()); };
  if (const auto old = live(); old && *old != 0) unmark(*old);
  auto done = replace_file(home_ / "live", std::to_string(generation) + "\n");
  if (done) unmark(generation);
  return done;
}

result<void> generations::mark_unpromoted(std::uint32_t generation) const {
  const auto directory = directory_of(generation);
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    errno = error.value();
    return trouble_with(directory, "make");
  }
  return replace_file(directory / "unpromoted", "");
}

bool generations::unpromoted(std::uint32_t generation) const {
  return ::access((directory_of(generation) / "unpromoted").c_str(), F_OK) == 0;
}

result<void> generations::remove(std::uint32_t generation) const {
  const auto directory = directory_of(generation);
  const auto hold = storage::directory_hold::take(directory, true);
  if (!hold) return std::unexpected(hold.error());
  {
    // LMDB's readers share a lock on the first byte of its lock file. Nobody of this process is one, or it would hold the
    // directory; so closing the file drops no lock of ours.
    const descriptor readers(directory / "lock.mdb", O_RDWR);
    struct flock whole{.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1, .l_pid = 0};
    if (readers.get() >= 0 && ::fcntl(readers.get(), F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK)
      return fail(error_code::storage_locked, directory.string() + " is being read by process " +
                                                  std::to_string(whole.l_pid) + ": stop that one first");
  }
  // The name goes first: who reads the old number again finds nothing, and looks for the live one.
  auto gone = directory;
  gone += ".removed";
  std::error_code error;
  std::filesystem::remove_all(gone, error);
  if (::rename(directory.c_str(), gone.c_str()) != 0) return trouble_with(directory, "remove");
  std::filesystem::remove_all(gone, error);
  if (!error) return flush_directory(home_);
  errno = error.value();
  return trouble_with(gone, "remove");
}

void generations::sweep() const {
  std::error_code error;
  std::vector<std::filesystem::path> left;
  for (auto at = std::filesystem::directory_iterator(home_, error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const auto name = at->path().filename();
    if (name.extension() == ".removed" && number_in(name.stem().string())) left.push_back(at->path());
  }
  for (const auto& path : left) std::filesystem::remove_all(path, error);
}

// The kernel's list of locks tells without taking one: a lock that is tried, for a moment, would send a holder away that
// comes in that moment.
std::optional<std::string> generations::holder(std::uint32_t generation) const {
  const auto path = directory_of(generation) / "lock";
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return std::nullopt;
  const auto pid = read_file(path);
  const auto locks = read_file("/proc/locks");
  if (!pid || !*pid || !locks || !*locks) return std::nullopt;
  const auto inode = ":" + std::to_string(facts.st_ino) + " ";
  std::istringstream lines(**locks);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("FLOCK") == std::string::npos || line.find(inode) == std::string::npos) continue;
    return (*pid)->substr(0, (*pid)->find('\n'));
  }
  return std::nullopt;
}

std::optional<std::string> generations::text_of(std::uint32_t generation, const char* file) const {
  const auto path = directory_of(generation) / file;
  if (::access(path.c_str(), F_OK) != 0) return std::nullopt;
  auto text = read_file(path);
  return text && *text ? **text : std::string();
}

std::optional<std::string> generations::paused(std::uint32_t generation) const {
  return text_of(generation, "paused");
}

std::optional<std::string> generations::failed(std::uint32_t generation) const {
  return text_of(generation, "failed");
}

void generations::note_failure(std::uint32_t generation, std::string_view text) const {
  const auto path = directory_of(generation) / "failed";
  // Where it can't be written nobody hears of it but by the program itself.
  if (!text.empty()) [[maybe_unused]]
    const auto written = replace_file(path, text);
  else
    ::unlink(path.c_str());
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
