#include "snapshot/progress.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace quipu::tool {

progress::progress(std::string what, record_number last)
    : what_(std::move(what)),
      last_(last),
      terminal_(::isatty(STDERR_FILENO) == 1),
      next_(std::chrono::steady_clock::now() + std::chrono::milliseconds(500)) {}

void progress::show(record_number at) {
  if (!terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(500);
  shown_ = true;
  std::fprintf(stderr, "\r\033[K%s: record %llu of %llu, %llu %%", what_.c_str(),
               static_cast<unsigned long long>(at), static_cast<unsigned long long>(last_),
               static_cast<unsigned long long>(last_ == 0 ? 100 : at * 100 / last_));
}

void progress::clear() {
  if (std::exchange(shown_, false)) std::fputs("\r\033[K", stderr);
}

}  // namespace quipu::tool
