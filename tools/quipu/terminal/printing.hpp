/// How things are written: text that is safe on a terminal, times, sizes, and a stream that knows when nobody
/// reads.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <quipu/journal/id.hpp>
#include <quipu/journal/position.hpp>
#include <string>
#include <string_view>

namespace quipu::tool {

using json = nlohmann::ordered_json;

/// Well-formed UTF-8 as it is, except what a terminal obeys instead of showing it: control characters (C0,
/// DEL, C1) and invisible marks such as those that turn the direction of writing. They, and bytes that are no
/// UTF-8, become \xHH.
std::string printable(std::string_view text);
/// Well-formed UTF-8 as it is, every other byte as \xHH. Not safe on a terminal: for JSON, whose printer
/// escapes.
std::string valid_utf8(std::string_view text);
bool is_utf8(std::string_view text);

/// Two lower-case digits a byte.
std::string hex(bytes_view data);
/// 2026-01-31T23:59:59.000001Z. Years outside of 0 to 9999 as microseconds since the Unix epoch:
/// "-99999999999999999us".
std::string time_text(std::int64_t time_us);
/// 17 B, 1.5 KiB, 2.0 GiB
std::string size_text(std::uint64_t bytes);
/// RECORD:INDEX
std::string position_text(position at);
/// One line without a line end, ASCII only.
std::string line_of(const json& value);

/// A buffered stream over a file descriptor, which stays the caller's. Whole lines; one thread.
class output {
 public:
  explicit output(int descriptor);
  ~output() { flush(); }
  output(const output&) = delete;
  output& operator=(const output&) = delete;

  /// Writes the text and a line end.
  void line(std::string_view text);
  void flush();
  /// Flushes, then waits so long, or until nobody reads any more or a signal comes.
  void wait(std::chrono::milliseconds how_long);

  /// False: nobody reads any more (the pipe was closed), or writing failed. What comes is dropped; stop.
  bool wanted() const { return wanted_; }
  /// errno of the write that failed; 0: none did (a closed pipe is no failure).
  int error() const { return error_; }

 private:
  int descriptor_;
  bool terminal_;  ///< a person waits for each line
  bool wanted_ = true;
  int error_ = 0;
  std::string buffer_;
};

/// One line on stderr: "quipu: " and the text, made printable.
void complain(std::string_view text);

}  // namespace quipu::tool
