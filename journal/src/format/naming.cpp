/// How entities and events are named, shown to people and spread over partitions.
#include <quipu/journal/record.hpp>

#include <xxhash.h>

#include <array>
#include <cstring>

namespace quipu::journal {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

constexpr bool shown_as_is(char c) { return c >= ' ' && c <= '~' && c != '\\'; }

}  // namespace

std::string escape_key(std::string_view key) {
  std::string out;
  out.reserve(key.size());
  for (char c : key) {
    if (shown_as_is(c)) {
      out += c;
    } else {
      auto byte = static_cast<unsigned char>(c);
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 0xfU];
    }
  }
  return out;
}

std::optional<std::string> unescape_key(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (shown_as_is(text[i])) {
      out += text[i];
      continue;
    }
    if (text[i] != '\\' || text.size() - i < 4 || text[i + 1] != 'x') return std::nullopt;
    auto high = digits.find(text[i + 2]);
    auto low = digits.find(text[i + 3]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    auto byte = static_cast<char>((high << 4U) | low);
    if (shown_as_is(byte)) return std::nullopt;  // one text for one key, so that texts can be compared
    out += byte;
    i += 3;
  }
  return out;
}

std::string event_id(std::string_view category, std::string_view key, std::uint64_t sequence) {
  std::string out(category);
  out += '/';
  out += escape_key(key);
  out += '@';
  out += std::to_string(sequence);
  return out;
}

bool valid_category(std::string_view category) {
  if (category.empty() || category.size() > 64) return false;
  for (char c : category) {
    bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    if (!allowed) return false;
  }
  return true;
}

bool valid_key(std::string_view key) { return !key.empty() && key.size() <= 255; }

std::uint64_t entity_hash(std::string_view category, std::string_view key) {
  // The bytes hashed: length of the category as 32 bits little-endian, the category, the key. Without the
  // length "a"/"bc" and "ab"/"c" would always share a partition.
  auto length = static_cast<std::uint32_t>(category.size());
  const std::array<char, 4> prefix{static_cast<char>(length), static_cast<char>(length >> 8U),
                                   static_cast<char>(length >> 16U), static_cast<char>(length >> 24U)};
  auto size = prefix.size() + category.size() + key.size();
  auto hash_of_parts = [&](char* to) {
    std::memcpy(to, prefix.data(), prefix.size());
    if (!category.empty()) std::memcpy(to + prefix.size(), category.data(), category.size());
    if (!key.empty()) std::memcpy(to + prefix.size() + category.size(), key.data(), key.size());
    return XXH3_64bits(to, size);
  };
  std::array<char, 384> room;  // every valid entity fits
  if (size <= room.size()) return hash_of_parts(room.data());
  std::string longer(size, '\0');
  return hash_of_parts(longer.data());
}

}  // namespace quipu::journal
