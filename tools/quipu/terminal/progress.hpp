/// How far long work is, for a person who waits.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace quipu::tool {

/// One line on stderr that is written over, four times a second at most; nothing where stderr is no terminal. One thread.
class progress_line {
 public:
  progress_line();
  ~progress_line() { clear(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  /// Whether it is time for a new text: making one may cost.
  bool due() const;
  void show(std::string_view text);
  /// Before anything else is written to the terminal.
  void clear();

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace quipu::tool
