/// A real program, run by a test: with its input, its output, signals and a time limit.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quipu::test {

/// How a program ended.
struct ending {
  int code = -1;    ///< its exit code; -1: it was ended by a signal
  int signal = 0;   ///< which; 0: none
  std::string out;  ///< all of stdout that no read_line() took
  std::string err;  ///< all of stderr
};

struct surroundings {
  std::filesystem::path directory = {};                               ///< to run in; empty: the test's own
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< in addition to the test's own
};

/// A child with pipes to its three standard streams. Calls that wait throw std::runtime_error when the limit
/// is over, with what the program wrote until then; what they read they keep. The first one made ignores
/// SIGPIPE in the test's process. One thread.
class process {
 public:
  static constexpr std::chrono::seconds patience{60};

  /// command[0] is the path of the program. Throws std::system_error when it cannot be started.
  explicit process(const std::vector<std::string>& command, const surroundings& where = {});
  /// Kills it if it still runs.
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  pid_t id() const { return pid_; }

  /// To its stdin, all of it. False: it does not read any more.
  bool write(std::string_view text);
  void close_input();
  /// From now on its writes to stdout fail.
  void close_output();

  /// The next line of stdout without its end; nothing when it has closed stdout.
  std::optional<std::string> read_line(std::chrono::milliseconds limit = patience);

  /// Sends a signal, SIGKILL for a crash. Does nothing once the process was waited for.
  void signal(int number);
  bool running();

  /// Waits for the end and reads all output until then. Call it once.
  ending wait(std::chrono::milliseconds limit = patience);

 private:
  class deadline;
  enum class also : unsigned char { nothing, its_end, room_for_input };
  void pump(const deadline& until, also besides);
  [[noreturn]] void too_late(const char* waiting_for) const;
  static bool read_some(int& from, std::string& into);

  pid_t pid_ = -1;
  int ended_ = -1;  ///< a pidfd: readable when the process has ended
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::string out_text_;
  std::string err_text_;
  bool reaped_ = false;
};

/// Starts it, gives it the input, waits for its end.
ending run(const std::vector<std::string>& command, std::string_view input = {},
           const surroundings& where = {}, std::chrono::milliseconds limit = process::patience);

}  // namespace quipu::test
