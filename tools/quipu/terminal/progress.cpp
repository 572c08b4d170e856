#include "terminal/progress.hpp"

#include <unistd.h>

#include "terminal/printing.hpp"

namespace quipu::tool {
namespace {

void put(std::string_view text) {
  [[maybe_unused]] const auto wrote = ::write(STDERR_FILENO, text.data(), text.size());
}

constexpr std::string_view to_line_start = "\r\x1b[K";

}  // namespace

progress_line::progress_line() : terminal_(::isatty(STDERR_FILENO) == 1) {}

bool progress_line::due() const { return terminal_ && std::chrono::steady_clock::now() >= next_; }

void progress_line::show(std::string_view text) {
  if (!due()) return;
  next_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(250);
  put(std::string(to_line_start) + printable(text));
  shown_ = true;
}

void progress_line::clear() {
  if (shown_) put(to_line_start);
  shown_ = false;
}

}  // namespace quipu::tool
