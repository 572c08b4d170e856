/// A program on a terminal of the test's own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::test {

/// Starts it with all three streams on a new pseudo terminal, of which it is the controlling process. What can't be done throws
/// std::runtime_error, with what it wrote until then. Killed by the destructor. One thread.
class on_terminal {
 public:
  on_terminal(const std::vector<std::string>& command, unsigned short columns, unsigned short rows);
  ~on_terminal();
  on_terminal(const on_terminal&) = delete;
  on_terminal& operator=(const on_terminal&) = delete;

  void press(std::string_view keys);
  void resize(unsigned short columns, unsigned short rows);
  void signal(int number) const;
  /// Reads until this comes, in what was not looked at before.
  void wait_for(std::string_view text, std::chrono::milliseconds limit = std::chrono::seconds(30));
  /// Until the process is stopped by job control.
  void wait_until_stopped();
  /// Waits for the end: the exit code, or 128 and the signal.
  int wait();

  /// All that it wrote.
  const std::string& written() const { return written_; }
  /// What stands on the screen after that: each frame begins at the upper left corner.
  std::vector<std::string> frame() const;
  /// Whether keys are shown again and lines are gathered, as before it was started.
  bool is_as_it_was() const;

 private:
  bool read_some(std::chrono::milliseconds limit);

  pid_t pid_ = -1;
  int terminal_ = -1;  ///< the master's side
  int slave_ = -1;     ///< kept open, so that its settings outlive the program
  std::string written_;
  std::size_t looked_at_ = 0;
};

}  // namespace quipu::test
