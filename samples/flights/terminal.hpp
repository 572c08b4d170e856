/// What the demo prints: colours and a moving bar on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace samples {

/// 1234567 as "1 234 567".
std::string grouped(std::uint64_t number);

class terminal {
 public:
  /// Colours only where standard output is a terminal and NO_COLOR is not set.
  terminal();

  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
  std::string good(std::string_view text) const { return paint("32", text); }
  std::string bad(std::string_view text) const { return paint("31", text); }

  /// A line that begins with a word in its own column.
  void line(std::string_view word, std::string_view rest) const;
  /// The bar: redrawn in place on a terminal, and a line at every quarter elsewhere.
  void progress(std::string_view word, std::uint64_t done, std::uint64_t whole, double per_second);
  /// Leaves the bar as it is and goes on below it.
  void end_progress();
  /// Takes the bar away, for lines that go above it.
  void hide_progress();

 private:
  std::string paint(std::string_view code, std::string_view text) const;

  bool moving_ = false;
  bool colours_ = false;
  bool bar_open_ = false;
  std::uint64_t quarters_told_ = 0;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace samples
