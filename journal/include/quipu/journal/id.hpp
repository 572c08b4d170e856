/// 128-bit ids and checksums, and views of bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quipu {

using bytes = std::vector<std::uint8_t>;
using bytes_view = std::span<const std::uint8_t>;

/// A view of the bytes of a string; the string stays the owner.
inline bytes_view as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
/// The same bytes seen as characters; nothing is checked or copied.
inline std::string_view as_text(bytes_view view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

/// 128 bits, compared and printed as one big-endian number.
struct id128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend auto operator<=>(const id128&, const id128&) = default;
  explicit operator bool() const { return (high | low) != 0; }

  /// 32 lower-case hexadecimal digits.
  std::string hex() const;
  /// The reverse of hex(); nothing for any other text.
  static std::optional<id128> from_hex(std::string_view text);
  /// From the operating system's random source. Thread-safe.
  static id128 random();
};

/// XXH3-128 of the bytes.
using checksum = id128;
checksum checksum_of(bytes_view data);

}  // namespace quipu

template <>
struct std::hash<quipu::id128> {
  std::size_t operator()(const quipu::id128& id) const noexcept {
    return id.high ^ (id.low * 0x9e3779b97f4a7c15ULL);
  }
};
