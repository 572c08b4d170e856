/// Lines of a file or a pipe that may be endless.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace quipu::tool {

/// Reads a descriptor, which it closes. Comes back from waiting when the program is asked to stop. One thread.
class line_reader {
 public:
  explicit line_reader(int descriptor) : descriptor_(descriptor) {}
  ~line_reader();
  line_reader(const line_reader&) = delete;
  line_reader& operator=(const line_reader&) = delete;

  struct line {
    std::string_view text;  ///< without its end; valid until the next call
    bool whole = true;      ///< it has an end; false: the file is over before that
  };
  /// Nothing at the end of the file, and when the program is asked to stop. Fails, in words, where it cannot read.
  std::expected<std::optional<line>, std::string> next();

  std::uint64_t number() const { return number_; }  ///< of the last line, from 1

 private:
  int descriptor_;
  std::string buffer_;
  std::size_t at_ = 0;        ///< where the next line begins
  std::size_t searched_ = 0;  ///< up to where there is no line end
  bool over_ = false;
  std::uint64_t number_ = 0;
};

}  // namespace quipu::tool
