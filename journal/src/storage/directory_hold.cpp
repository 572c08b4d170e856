#include "storage/directory_hold.hpp"

#include "storage/data_file.hpp"
#include "storage/trouble.hpp"

#include <mutex>
#include <set>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace quipu::storage {

using journal::fail;
using journal::failure_kind;
using journal::result;

namespace {

// What this process holds. It has to be one for the whole process, for the rule that it guards is.
std::mutex held_mutex;
std::set<std::pair<dev_t, ino_t>> held;

result<void> make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) return {};
  return fail(error_code::storage_permission, "cannot make the directory " + directory.string() + ": " +
                                                  error.message() +
                                                  "; choose another place or mend its permissions");
}

std::string holder_of(int lock) {
  char text[32] = {};
  const auto length = ::pread(lock, text, sizeof text - 1, 0);
  std::string pid(text, length > 0 ? static_cast<std::size_t>(length) : 0);
  while (!pid.empty() && (pid.back() < '0' || pid.back() > '9')) pid.pop_back();
  return pid;
}

}  // namespace

result<directory_hold> directory_hold::take(const std::filesystem::path& directory, bool write) {
  if (write) {
    if (auto made = make_directory(directory); !made) return std::unexpected(made.error());
  }
  struct stat facts{};
  if (::stat(directory.c_str(), &facts) != 0) {
    const int error = errno;
    return fail(
        error == ENOENT || error == ENOTDIR ? error_code::storage_not_found : error_code::storage_permission,
        "cannot look at the directory " + directory.string() + ": " + system_text(error));
  }
  directory_hold hold;
  hold.place_ = {facts.st_dev, facts.st_ino};
  {
    std::lock_guard lock(held_mutex);
    if (!held.insert(hold.place_).second) {
      return fail(error_code::storage_in_use, directory.string() + " is open in this process already (pid " +
                                                  std::to_string(::getpid()) +
                                                  "); share that one instead of opening it again");
    }
  }
  hold.registered_ = true;
  if (write) {
    if (auto locked = hold.lock_file(directory); !locked) return std::unexpected(locked.error());
  }
  return hold;
}

result<void> directory_hold::lock_file(const std::filesystem::path& directory) {
  const auto path = directory / "lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) {
    return fail(error_code::storage_permission, "cannot write in " + directory.string() + ": " +
                                                    system_text(errno) +
                                                    "; mend its permissions or choose another place");
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const std::string pid = holder_of(lock_);
    ::close(std::exchange(lock_, -1));
    if (error != EWOULDBLOCK) {
      return fail(error_code::storage_permission, "cannot lock " + path.string() + ": " + system_text(error));
    }
    return fail(error_code::storage_locked, directory.string() + " is held for writing by process " +
                                                (pid.empty() ? std::string("(unknown pid)") : pid) +
                                                ": stop that one first");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  // The pid is for people; a disk too full for it is no reason to stay away.
  const quiet_file_limit quiet;
  if (::ftruncate(lock_, 0) == 0) [[maybe_unused]]
    const auto written = ::pwrite(lock_, pid.data(), pid.size(), 0);
  return {};
}

void directory_hold::release() {
  if (lock_ >= 0) {
    [[maybe_unused]] const int emptied =
        ::ftruncate(lock_, 0);  // nobody is to read the pid of someone who left
    ::close(std::exchange(lock_, -1));
  }
  if (std::exchange(registered_, false)) {
    std::lock_guard lock(held_mutex);
    held.erase(place_);
  }
}

directory_hold::~directory_hold() { release(); }

directory_hold::directory_hold(directory_hold&& other) noexcept
    : place_(other.place_),
      registered_(std::exchange(other.registered_, false)),
      lock_(std::exchange(other.lock_, -1)) {}

directory_hold& directory_hold::operator=(directory_hold&& other) noexcept {
  if (this != &other) {
    release();
    place_ = other.place_;
    registered_ = std::exchange(other.registered_, false);
    lock_ = std::exchange(other.lock_, -1);
  }
  return *this;
}

}  // namespace quipu::storage
