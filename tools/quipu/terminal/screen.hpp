/// The whole terminal, for commands that renew what they show: ANSI, given back as it was at any end but SIGKILL.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace quipu::tool {

struct screen_size {
  std::size_t columns = 80;
  std::size_t rows = 24;
  bool operator==(const screen_size&) const = default;
};
/// Of the terminal at stdout; the default where it does not tell.
screen_size terminal_size();

/// One at a time; one thread. SIGINT, SIGTERM, SIGHUP and SIGQUIT give the terminal back and end the process at once, whatever it
/// waits for; SIGTSTP gives it back until the process goes on.
class screen {
 public:
  /// Takes the terminal at stdout: its other screen, no cursor, and keys at stdin are neither shown nor wait for Enter.
  screen();
  ~screen();
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

  /// Whether stdout is a terminal.
  static bool there();

  /// Lines of printable ASCII, no longer and no more than terminal_size() says.
  void show(const std::vector<std::string>& lines);
  /// The next key that was pressed; nothing when the limit is over or the input has ended.
  std::optional<char> key(std::chrono::milliseconds limit);
  /// Whether what is shown was lost, or does not fit any more, since it was asked last.
  bool must_renew();
  /// False: nobody looks any more.
  bool wanted() const { return wanted_; }

 private:
  screen_size shown_for_;
  bool wanted_ = true;
  bool input_ended_ = false;
};

}  // namespace quipu::tool
