#include "terminal.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace samples {
namespace {

constexpr std::uint64_t bar_cells = 32;
constexpr auto redraw_every = std::chrono::milliseconds(40);

std::string figures(std::uint64_t done, std::uint64_t whole, double per_second) {
  return grouped(done) + " of " + grouped(whole) + "  " + grouped(static_cast<std::uint64_t>(per_second)) +
         "/s";
}

}  // namespace

std::string grouped(std::uint64_t number) {
  auto digits = std::to_string(number);
  for (auto at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ' ');
  return digits;
}

terminal::terminal()
    : moving_(::isatty(STDOUT_FILENO) == 1),
      colours_(moving_ && std::getenv("NO_COLOR") == nullptr) {}  // NOLINT(concurrency-mt-unsafe)

std::string terminal::paint(std::string_view code, std::string_view text) const {
  if (!colours_) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

void terminal::line(std::string_view word, std::string_view rest) const {
  std::string padded(word);
  padded.resize(std::max<std::size_t>(padded.size(), 10), ' ');
  std::printf("  %s %s\n", dim(padded).c_str(), std::string(rest).c_str());
  std::fflush(stdout);
}

void terminal::progress(std::string_view word, std::uint64_t done, std::uint64_t whole, double per_second) {
  if (!moving_) {
    const auto quarters = done * 4 / whole;
    if (quarters > quarters_told_) line(word, figures(done, whole, per_second));
    quarters_told_ = std::max(quarters, quarters_told_);
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (done < whole && now - drawn_ < redraw_every) return;
  drawn_ = now;
  bar_open_ = true;
  const auto full = done * bar_cells / whole;
  std::string bar;
  std::string rest;
  for (std::uint64_t i = 0; i < bar_cells; ++i) (i < full ? bar : rest) += "━";
  std::string padded(word);
  padded.resize(std::max<std::size_t>(padded.size(), 10), ' ');
  std::printf("\r\x1b[K  %s %s%s  %3llu %%  %s", dim(padded).c_str(), good(bar).c_str(), dim(rest).c_str(),
              static_cast<unsigned long long>(done * 100 / whole), figures(done, whole, per_second).c_str());
  std::fflush(stdout);
}

void terminal::hide_progress() {
  if (bar_open_) std::printf("\r\x1b[K");
  bar_open_ = false;
  drawn_ = {};
}

void terminal::end_progress() {
  if (bar_open_) std::printf("\n");
  bar_open_ = false;
}

}  // namespace samples
