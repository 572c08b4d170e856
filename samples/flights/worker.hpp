/// The load as a child process of this program, which can be killed: `run` of run_command.hpp, started by its
/// own program.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace samples {

/// What a worker reports; the lines of run_command.hpp.
struct worker_opened {
  std::uint64_t took_ms = 0, snapshots = 0, events = 0, events_per_second = 0;
};
struct worker_followed {
  std::string projection;
  std::uint64_t lag_events = 0, lag_ms = 0;
  std::string backlog;
};
struct worker_answered {
  std::size_t confirmed = 0;
  std::vector<std::uint32_t> latencies_us;
};
struct worker_done {
  std::size_t recorded = 0, repeats = 0, forgotten = 0;
};
using worker_line = std::variant<worker_opened, worker_followed, worker_answered, worker_done>;

class worker {
 public:
  /// Starts this program again as `run ARGUMENTS… --report …`. The error is a text for people.
  static std::expected<worker, std::string> start(std::vector<std::string> arguments);
  /// Kills it if it still runs, and waits for its end.
  ~worker();
  worker(worker&& other) noexcept;
  worker& operator=(worker&&) = delete;

  /// The next line; nothing when the worker has ended, and no line that its death cut short.
  std::optional<worker_line> next();
  /// SIGKILL. What it reported before can still be read.
  void kill();
  /// Waits for its end; the exit code, or 128 and the signal.
  int wait();
  pid_t pid() const { return pid_; }

 private:
  struct close_file {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  worker(pid_t pid, std::FILE* report) : pid_(pid), report_(report) {}

  pid_t pid_ = -1;
  std::unique_ptr<std::FILE, close_file> report_;
};

}  // namespace samples
