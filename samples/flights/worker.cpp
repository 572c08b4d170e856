#include "worker.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <utility>

namespace samples {
namespace {

constexpr int report_descriptor = 3;

worker_line parse(const std::string& line) {
  std::istringstream in(line);
  std::string word;
  in >> word;
  if (word == "opened") {
    worker_opened opened;
    in >> opened.took_ms >> opened.snapshots >> opened.events >> opened.events_per_second;
    return opened;
  }
  if (word == "followed") {
    worker_followed followed;
    in >> followed.projection >> followed.lag_events >> followed.lag_ms >> followed.backlog;
    return followed;
  }
  if (word == "done") {
    worker_done done;
    in >> done.recorded >> done.repeats >> done.forgotten;
    return done;
  }
  worker_answered answered;
  in >> answered.confirmed;
  for (std::uint32_t us = 0; in >> us;) answered.latencies_us.push_back(us);
  return answered;
}

}  // namespace

std::expected<worker, std::string> worker::start(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"flights", "run"});
  arguments.insert(arguments.end(), {"--report", "/dev/fd/" + std::to_string(report_descriptor)});
  std::vector<char*> raw;
  for (auto& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(std::string("pipe: ") + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], report_descriptor);
  pid_t pid = -1;
  const int trouble = ::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, raw.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (trouble != 0) {
    ::close(ends[0]);
    return std::unexpected(std::string("starting the worker: ") + std::strerror(trouble));
  }
  return worker(pid, ::fdopen(ends[0], "r"));
}

worker::worker(worker&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), report_(std::move(other.report_)) {}

worker::~worker() {
  kill();
  wait();
}

std::optional<worker_line> worker::next() {
  char* buffer = nullptr;
  std::size_t room = 0;
  const auto length = ::getline(&buffer, &room, report_.get());
  std::string line(buffer == nullptr || length < 0 ? "" : buffer,
                   length < 0 ? 0 : static_cast<std::size_t>(length));
  std::free(buffer);  // NOLINT(cppcoreguidelines-no-malloc): getline's
  if (!line.ends_with('\n')) return std::nullopt;
  return parse(line);
}

void worker::kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

int worker::wait() {
  if (pid_ <= 0) return 0;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace samples
