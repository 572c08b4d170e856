#include <quipu/journal/id.hpp>

#include <sys/random.h>
#include <xxhash.h>

#include <cerrno>
#include <cstdlib>

namespace quipu {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

void put_hex(std::string& out, std::uint64_t word) {
  for (int shift = 60; shift >= 0; shift -= 4) out += digits[(word >> shift) & 0xfU];
}

std::optional<std::uint64_t> take_hex(std::string_view text) {
  std::uint64_t word = 0;
  for (char c : text) {
    auto digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    word = (word << 4U) | digit;
  }
  return word;
}

}  // namespace

std::string id128::hex() const {
  std::string out;
  out.reserve(32);
  put_hex(out, high);
  put_hex(out, low);
  return out;
}

std::optional<id128> id128::from_hex(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  auto high = take_hex(text.substr(0, 16));
  auto low = take_hex(text.substr(16));
  if (!high || !low) return std::nullopt;
  return id128{*high, *low};
}

id128 id128::random() {
  // Sixteen bytes are never cut short; a signal may interrupt only while the system's source is still being
  // seeded.
  std::uint64_t words[2];
  ssize_t got = 0;
  do {
    got = ::getrandom(words, sizeof words, 0);
  } while (got < 0 && errno == EINTR);
  // Without randomness no id would be unique, and every promise that rests on ids would be void.
  if (got != static_cast<ssize_t>(sizeof words)) std::abort();
  return {words[0], words[1]};
}

checksum checksum_of(bytes_view data) {
  auto hash = XXH3_128bits(data.data(), data.size());
  return {hash.high64, hash.low64};
}

}  // namespace quipu
