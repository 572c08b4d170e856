#include "victim.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace quipu::test::crash {
namespace {

using clock = std::chrono::steady_clock;

/// Longer without a word: it hangs.
constexpr auto patience = std::chrono::seconds(30);

[[noreturn]] void fail(int trouble, const char* what) {
  throw std::system_error(trouble, std::system_category(), what);
}

class child {
 public:
  explicit child(std::vector<std::string>& command) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(errno, "pipe2");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], report_descriptor);
    std::vector<char*> arguments;
    for (auto& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int trouble = ::posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    from_ = ends[0];
    if (trouble != 0) {
      ::close(from_);
      fail(trouble, arguments[0]);
    }
  }
  ~child() {
    kill();
    wait();
    ::close(from_);
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  void kill() const {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
  }
  int wait() {
    int status = 0;
    while (pid_ > 0 && ::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }
  /// Whether it has written something (or ended) before that time.
  bool readable(clock::time_point until) const {
    const auto left = std::max(until - clock::now(), clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec limit{seconds.count(), (std::chrono::nanoseconds(left) - seconds).count()};
    pollfd one{.fd = from_, .events = POLLIN, .revents = 0};
    return ::ppoll(&one, 1, &limit, nullptr) > 0;
  }
  /// False at the end of what it wrote.
  template <class F>
  bool read_entries(F&& each) {
    std::array<char, sizeof(entry) * 256> buffer;
    const auto length = ::read(from_, buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) return true;
    if (length <= 0) return false;
    rest_.append(buffer.data(), static_cast<std::size_t>(length));
    std::size_t at = 0;
    for (; rest_.size() - at >= sizeof(entry); at += sizeof(entry)) {
      entry one;
      std::memcpy(&one, rest_.data() + at, sizeof one);
      each(one);
    }
    rest_.erase(0, at);
    return true;
  }

 private:
  pid_t pid_ = -1;
  int from_ = -1;
  std::string rest_;
};

/// Counts down to the moment.
class fuse {
 public:
  explicit fuse(const std::optional<moment>& when) : when_(when) {
    if (when_ && !when_->from) light();
  }
  void see(const entry& what) {
    if (!when_) return;
    if (lit_ && when_->entries && left_ > 0) --left_;
    if (!lit_ && what.note == when_->from) light();
  }
  bool burnt() const { return lit_ && (when_->entries ? left_ == 0 : clock::now() >= at_); }
  /// When to look again if nothing happens.
  clock::time_point look_again() const {
    const auto limit = clock::now() + patience;
    return lit_ && !when_->entries ? std::min(at_, limit) : limit;
  }

 private:
  void light() {
    lit_ = true;
    at_ = clock::now() + when_->after;
    left_ = when_->entries.value_or(0);
  }

  std::optional<moment> when_;
  bool lit_ = false;
  clock::time_point at_;
  std::uint64_t left_ = 0;
};

}  // namespace

death run_victim(std::vector<std::string> command, const std::optional<moment>& when,
                 const std::function<void(const entry&)>& listen) {
  death how;
  child bank(command);
  fuse burning(when);
  auto heard = clock::now();
  bool open = true;
  while (open) {
    if (!how.killed && !how.stuck && (burning.burnt() || clock::now() - heard > patience)) {
      (burning.burnt() ? how.killed : how.stuck) = true;
      bank.kill();
    }
    if (!bank.readable(how.killed ? clock::now() + patience : burning.look_again())) continue;
    heard = clock::now();
    open = bank.read_entries([&](const entry& one) {
      if (one.note != note::sending && one.note != note::answered && !how.killed) how.during = one.note;
      burning.see(one);
      // On its entry, and not when the whole buffer was read: the kill shall fall among the others.
      if (burning.burnt() && !how.killed) {
        how.killed = true;
        bank.kill();
      }
      listen(one);
    });
  }
  how.status = bank.wait();
  // It may have ended by itself just before.
  how.killed = how.killed && WIFSIGNALED(how.status) && WTERMSIG(how.status) == SIGKILL;
  return how;
}

}  // namespace quipu::test::crash
