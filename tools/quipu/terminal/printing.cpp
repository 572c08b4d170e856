#include "terminal/printing.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>

#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t buffer_bytes = 64 * 1024;

struct code_point {
  std::uint32_t code = 0;
  std::size_t length = 0;  ///< in bytes; 0: not well-formed
};

/// Strict: no surrogates, nothing longer than need be.
code_point first_of(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  auto lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {};
  auto code = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {};
    code = (code << 6U) | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (code < least.at(length) || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length};
}

/// What a terminal obeys, or what makes two different texts look the same.
bool acts_on_terminal(std::uint32_t code) {
  struct range {
    std::uint32_t first, last;
  };
  static constexpr std::array<range, 9> ranges{{{0x00, 0x1f},
                                                {0x7f, 0x9f},
                                                {0xad, 0xad},
                                                {0x61c, 0x61c},
                                                {0x200b, 0x200f},
                                                {0x2028, 0x202e},
                                                {0x2060, 0x206f},
                                                {0xfeff, 0xfeff},
                                                {0xe0000, 0xe007f}}};
  for (auto [first, last] : ranges) {
    if (code >= first && code <= last) return true;
  }
  return false;
}

void put_escaped(std::string& out, std::string_view raw) {
  for (char c : raw) {
    auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += digits[byte >> 4U];
    out += digits[byte & 0xfU];
  }
}

template <class Refused>
std::string escape_where(std::string_view text, Refused refused) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto point = first_of(text);
    auto length = point.length == 0 ? 1 : point.length;
    if (point.length == 0 || refused(point.code)) {
      put_escaped(out, text.substr(0, length));
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return out;
}

/// All of it, or an errno.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    auto wrote = ::write(descriptor, text.data(), text.size());
    if (wrote >= 0) {
      text.remove_prefix(static_cast<std::size_t>(wrote));
    } else if (errno != EINTR || interrupted()) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

std::string printable(std::string_view text) { return escape_where(text, acts_on_terminal); }

std::string valid_utf8(std::string_view text) {
  return escape_where(text, [](std::uint32_t) { return false; });
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto point = first_of(text);
    if (point.length == 0) return false;
    text.remove_prefix(point.length);
  }
  return true;
}

std::string hex(bytes_view data) {
  std::string out;
  out.reserve(2 * data.size());
  for (auto byte : data) {
    out += digits[byte >> 4U];
    out += digits[byte & 0xfU];
  }
  return out;
}

std::string time_text(std::int64_t time_us) {
  using namespace std::chrono;
  constexpr std::int64_t year_0_us = -62'167'219'200'000'000;
  constexpr std::int64_t year_10000_us = 253'402'300'800'000'000;
  if (time_us < year_0_us || time_us >= year_10000_us) return std::to_string(time_us) + "us";
  sys_time<microseconds> at{microseconds{time_us}};
  auto day = floor<days>(at);
  year_month_day date{day};
  hh_mm_ss clock{at - day};
  std::array<char, 64> text{};
  auto length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 7> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
  std::array<char, 32> text{};
  auto length =
      std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", size, units.at(unit));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string position_text(position at) {
  return std::to_string(at.record()) + ":" + std::to_string(at.index());
}

std::string line_of(const json& value) { return value.dump(-1, ' ', true, json::error_handler_t::replace); }

output::output(int descriptor) : descriptor_(descriptor), terminal_(::isatty(descriptor) == 1) {
  buffer_.reserve(buffer_bytes);
}

void output::line(std::string_view text) {
  if (!wanted_) return;
  buffer_ += text;
  buffer_ += '\n';
  if (terminal_ || buffer_.size() >= buffer_bytes) flush();
}

void output::flush() {
  if (wanted_ && !buffer_.empty()) {
    auto code = write_all(descriptor_, buffer_);
    wanted_ = code == 0;
    // A reader that has seen enough, and Ctrl-C, are no failures.
    if (code != EPIPE && code != EINTR) error_ = code;
  }
  buffer_.clear();
}

void output::wait(std::chrono::milliseconds how_long) {
  flush();
  if (!wanted_) return;
  pollfd end{.fd = descriptor_, .events = 0, .revents = 0};  // its errors alone
  if (::poll(&end, 1, static_cast<int>(how_long.count())) > 0) wanted_ = false;
}

void complain(std::string_view text) { write_all(STDERR_FILENO, "quipu: " + printable(text) + "\n"); }

}  // namespace quipu::tool
