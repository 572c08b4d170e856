#include "copying/encoded_bytes.hpp"

#include <algorithm>
#include <array>

namespace quipu::tool {
namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 64;

constexpr auto values = [] {
  std::array<std::uint8_t, 256> all{};
  all.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i)
    all.at(static_cast<unsigned char>(digits[i])) = static_cast<std::uint8_t>(i);
  return all;
}();

}  // namespace

std::string to_base64(bytes_view data) {
  std::string out;
  out.reserve((data.size() + 2) / 3 * 4);
  for (; !data.empty(); data = data.subspan(std::min<std::size_t>(data.size(), 3))) {
    const auto byte = [&](std::size_t i) { return i < data.size() ? std::uint32_t{data[i]} : 0U; };
    const auto group = byte(0) << 16U | byte(1) << 8U | byte(2);
    out += digits[group >> 18U];
    out += digits[group >> 12U & 63U];
    out += data.size() > 1 ? digits[group >> 6U & 63U] : '=';
    out += data.size() > 2 ? digits[group & 63U] : '=';
  }
  return out;
}

std::optional<bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const auto count = text.size() - padding;
  bytes out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = values.at(static_cast<unsigned char>(text[i]));
    if (value == no_digit) return std::nullopt;
    group = group << 6U | value;
    // Of the 24 bits of four digits, a byte is whole with the second, the third and the fourth.
    if (i % 4 != 0) out.push_back(static_cast<std::uint8_t>(group >> (6U - 2U * (i % 4))));
  }
  const auto left_over = padding == 0 ? 0U : group & (padding == 2 ? 15U : 3U);
  if (left_over != 0) return std::nullopt;
  return out;
}

}  // namespace quipu::tool
