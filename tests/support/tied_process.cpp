#include "tied_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>

namespace quipu::test {
namespace {

[[noreturn]] void fork_failed(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// The kernel's "kill it when its parent dies" means the thread that forked, and not the process. So one
/// thread forks them all, and lives as long as the process does.
class forking_thread {
 public:
  static forking_thread& instance() {
    static auto* only = new forking_thread;  // never destroyed: its end would kill the children
    return *only;
  }
  pid_t run(const std::function<pid_t()>& work) {
    std::lock_guard one_at_a_time(callers_);
    std::unique_lock lock(mutex_);
    work_ = &work;
    changed_.notify_all();
    changed_.wait(lock, [&] { return work_ == nullptr; });
    errno = error_;
    return made_;
  }

 private:
  forking_thread() {
    std::thread([this] {
      std::unique_lock lock(mutex_);
      for (;;) {
        changed_.wait(lock, [&] { return work_ != nullptr; });
        made_ = (*work_)();
        error_ = errno;
        work_ = nullptr;
        changed_.notify_all();
      }
    }).detach();
  }

  std::mutex callers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<pid_t()>* work_ = nullptr;
  pid_t made_ = -1;
  int error_ = 0;
};

/// In the child, between fork and exec: only what is safe after a fork of one thread among many.
[[noreturn]] void become(char* const* command, int output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it died before the line above
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  for (int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
  ::execv(command[0], command);
  const char* reason = ::strerrordesc_np(errno);
  for (const char* part : {"can't run ", static_cast<const char*>(command[0]), ": ", reason, "\n"})
      [[maybe_unused]]
    auto wrote = ::write(STDERR_FILENO, part, std::strlen(part));
  ::_exit(127);
}

}  // namespace

tied_process::tied_process(const std::vector<std::string>& command, const std::filesystem::path& output) {
  descriptor file(::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file) fork_failed(output.c_str());
  auto words = command;
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const auto parent = ::getpid();
  pid_ = forking_thread::instance().run([&] {
    auto made = ::fork();
    if (made == 0) become(pointers.data(), file.get(), parent);
    return made;
  });
  if (pid_ < 0) fork_failed("fork");
  // glibc 2.36 declares pidfd_open() without extern "C".
  ended_ = descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (ended_) return;
  const int error = errno;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  errno = error;
  fork_failed("pidfd_open");
}

tied_process::~tied_process() {
  signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void tied_process::signal(int number) {
  if (running()) ::kill(pid_, number);  // it is not waited for before the destructor: the id is still its own
}

void tied_process::pause() {
  signal(SIGSTOP);
  siginfo_t what{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &what, WSTOPPED | WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
  }
}

bool tied_process::wait(std::chrono::milliseconds limit) const {
  const time_limit until(limit);
  pollfd one{.fd = ended_.get(), .events = POLLIN, .revents = 0};
  for (;;) {
    if (::poll(&one, 1, static_cast<int>(until.left().count())) > 0) return true;
    if (until.over()) return false;
  }
}

std::string tied_process::ending() {
  siginfo_t what{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &what, WEXITED | WNOHANG | WNOWAIT) != 0 || what.si_pid == 0)
    return "running";
  return (what.si_code == CLD_EXITED ? "exit code " : "signal ") + std::to_string(what.si_status);
}

}  // namespace quipu::test
