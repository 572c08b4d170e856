/// A program in the background that never outlives the test that started it.
#pragma once

#include "loopback.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace quipu::test {

/// A child that the kernel kills when this process ends, however that happens. It has no input; what it
/// writes is appended to a file. Any thread may start it and may end afterwards; one thread at a time.
class tied_process {
 public:
  /// command[0] is the path of the program. A program that can't be run ends with code 127, and says why in
  /// the file. Throws std::system_error when there is no process or file to be had.
  tied_process(const std::vector<std::string>& command, const std::filesystem::path& output);
  /// Kills it and waits.
  ~tied_process();
  tied_process(const tied_process&) = delete;
  tied_process& operator=(const tied_process&) = delete;

  pid_t id() const { return pid_; }
  bool running() const { return !wait(std::chrono::milliseconds{0}); }
  /// Does nothing once it has ended.
  void signal(int number);
  /// SIGSTOP, and returns when it stands still (or has ended). SIGCONT by signal().
  void pause();
  /// Whether it has ended; waits for that at most as long as said.
  bool wait(std::chrono::milliseconds limit) const;
  /// "exit code 1", "signal 9" or "running".
  std::string ending();

 private:
  pid_t pid_ = -1;
  descriptor ended_;  ///< a pidfd: readable when the process has ended
};

}  // namespace quipu::test
