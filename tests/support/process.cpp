#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

namespace quipu::test {
namespace {

using clock = std::chrono::steady_clock;

void check(int code, const std::string& what) {
  if (code != 0) throw std::system_error(code, std::generic_category(), what);
}

void close_one(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

struct pipe_ends {
  int read = -1;
  int write = -1;

  pipe_ends() {
    std::array<int, 2> both{};
    check(::pipe2(both.data(), O_CLOEXEC) == 0 ? 0 : errno, "pipe");
    read = both[0];
    write = both[1];
  }
  ~pipe_ends() {
    close_one(read);
    close_one(write);
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
};

void make_non_blocking(int descriptor) { ::fcntl(descriptor, F_SETFL, O_NONBLOCK); }

std::vector<std::string> merged(const surroundings& where) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    auto name = text.substr(0, text.find('='));
    auto same = [&](const auto& given) { return given.first == name; };
    if (std::ranges::none_of(where.environment, same)) all.emplace_back(text);
  }
  for (const auto& [name, value] : where.environment) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// What a test runner did to signals is not the program's business.
void default_signals(posix_spawnattr_t& attributes) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::posix_spawnattr_setsigmask(&attributes, &signals);
  for (int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, number);
  ::posix_spawnattr_setsigdefault(&attributes, &signals);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

pid_t spawn(std::vector<std::string> command, const surroundings& where, int in, int out, int err) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  default_signals(attributes);
  ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  if (!where.directory.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, where.directory.c_str());
  auto environment = merged(where);
  pid_t pid = -1;
  auto code = ::posix_spawn(&pid, command.at(0).c_str(), &actions, &attributes, pointers(command).data(),
                            pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  check(code, "starting " + command.at(0));
  return pid;
}

}  // namespace

class process::deadline {
 public:
  explicit deadline(std::chrono::milliseconds limit) : at_(clock::now() + limit) {}
  int left_ms() const {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000'000));
  }
  bool over() const { return left_ms() == 0; }

 private:
  clock::time_point at_;
};

process::process(const std::vector<std::string>& command, const surroundings& where) {
  [[maybe_unused]] static const auto ignored = std::signal(SIGPIPE, SIG_IGN);
  pipe_ends in;
  pipe_ends out;
  pipe_ends err;
  pid_ = spawn(command, where, in.read, out.write, err.write);
  // glibc 2.36 declares pidfd_open() without extern "C".
  ended_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (ended_ < 0) {
    auto code = errno;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    check(code, "pidfd_open");
  }
  in_ = std::exchange(in.write, -1);
  out_ = std::exchange(out.read, -1);
  err_ = std::exchange(err.read, -1);
  for (int descriptor : {in_, out_, err_}) make_non_blocking(descriptor);
}

process::~process() {
  if (!reaped_) {
    signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (int* descriptor : {&in_, &out_, &err_, &ended_}) close_one(*descriptor);
}

bool process::write(std::string_view text) {
  deadline until(patience);
  while (!text.empty()) {
    if (in_ < 0) return false;
    auto wrote = ::write(in_, text.data(), text.size());
    if (wrote >= 0) {
      text.remove_prefix(static_cast<std::size_t>(wrote));
    } else if (errno == EPIPE) {
      return false;
    } else if (errno != EAGAIN && errno != EINTR) {
      check(errno, "writing to the program");
    } else if (until.over()) {
      too_late("that it reads its input");
    } else {
      pump(until, also::room_for_input);  // it may wait for us to read before it reads
    }
  }
  return true;
}

void process::close_input() { close_one(in_); }
void process::close_output() { close_one(out_); }

std::optional<std::string> process::read_line(std::chrono::milliseconds limit) {
  deadline until(limit);
  for (;;) {
    auto end = out_text_.find('\n');
    if (end == std::string::npos && out_ < 0) {
      if (out_text_.empty()) return std::nullopt;
      return std::exchange(out_text_, {});
    }
    if (end != std::string::npos) {
      auto line = out_text_.substr(0, end);
      out_text_.erase(0, end + 1);
      return line;
    }
    if (until.over()) too_late("a line");
    pump(until, also::nothing);
  }
}

void process::signal(int number) {
  if (!reaped_) ::kill(pid_, number);
}

bool process::running() {
  if (reaped_) return false;
  pollfd ended{.fd = ended_, .events = POLLIN, .revents = 0};
  return ::poll(&ended, 1, 0) == 0;
}

ending process::wait(std::chrono::milliseconds limit) {
  deadline until(limit);
  while (running()) {
    if (until.over()) too_late("its end");
    pump(until, also::its_end);
  }
  // What it left in the pipes; a child of its own that holds them open is not waited for.
  while (read_some(out_, out_text_) || read_some(err_, err_text_)) {
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  reaped_ = true;
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
          .out = std::exchange(out_text_, {}),
          .err = std::exchange(err_text_, {})};
}

/// Waits until there is output or what is asked for besides, and reads the output.
void process::pump(const deadline& until, also besides) {
  std::array<pollfd, 4> watched{
      {{.fd = out_, .events = POLLIN, .revents = 0},
       {.fd = err_, .events = POLLIN, .revents = 0},
       {.fd = besides == also::its_end ? ended_ : -1, .events = POLLIN, .revents = 0},
       {.fd = besides == also::room_for_input ? in_ : -1, .events = POLLOUT, .revents = 0}}};
  ::poll(watched.data(), watched.size(), until.left_ms());
  if (watched[0].revents != 0) read_some(out_, out_text_);
  if (watched[1].revents != 0) read_some(err_, err_text_);
}

/// Whether there may be more. Closes the pipe at its end.
bool process::read_some(int& from, std::string& into) {
  if (from < 0) return false;
  std::array<char, 16 * 1024> room;
  auto got = ::read(from, room.data(), room.size());
  if (got > 0) into.append(room.data(), static_cast<std::size_t>(got));
  if (got == 0) close_one(from);
  return got > 0;
}

void process::too_late(const char* waiting_for) const {
  throw std::runtime_error("waited too long for " + std::string(waiting_for) + "\nstdout: " + out_text_ +
                           "\nstderr: " + err_text_);
}

ending run(const std::vector<std::string>& command, std::string_view input, const surroundings& where,
           std::chrono::milliseconds limit) {
  process child(command, where);
  child.write(input);
  child.close_input();
  return child.wait(limit);
}

}  // namespace quipu::test
