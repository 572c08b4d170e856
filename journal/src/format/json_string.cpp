#include "format/json_string.hpp"

#include <cstddef>
#include <cstdint>

namespace quipu::journal {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

struct character {
  std::uint32_t code = 0;
  std::size_t length = 0;  ///< in bytes; 0: no UTF-8
};

/// The character at the front of `text`, which is not empty.
character decode(std::string_view text) {
  auto byte = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(text[i]); };
  auto first = byte(0);
  if (first < 0x80) return {first, 1};
  std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
  auto code = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = (code << 6U) | (byte(i) & 0x3fU);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < least[length] || code > 0x10ffff || surrogate) return {};
  return {code, length};
}

constexpr bool must_be_escaped(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f || code == 0x61c;
}

void put_escape(std::string& out, std::uint32_t code) {
  switch (code) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      break;
  }
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(code >> shift) & 0xfU];
}

}  // namespace

void put_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    auto next = decode(text);
    if (next.length == 0) {
      put_escape(out, 0xfffd);
      text.remove_prefix(1);
      continue;
    }
    if (next.code == '"' || next.code == '\\') out += '\\';
    if (must_be_escaped(next.code)) {
      put_escape(out, next.code);
    } else {
      out += text.substr(0, next.length);
    }
    text.remove_prefix(next.length);
  }
  out += '"';
}

}  // namespace quipu::journal
