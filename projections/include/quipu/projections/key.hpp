/// Keys of rows as bytes whose order is the keys' own, so that a scan over a table goes in the order of its keys.
///
/// A key is a std::string (any bytes), a std::uint64_t or another integer, a quipu::event_key, or a std::tuple of them.
#pragma once

#include <quipu/port/entity_type.hpp>

#include <algorithm>
#include <compare>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace quipu {

/// An event's id as a key: `category/key@sequence`. The rows of an entity lie together, in the order of its events;
/// entities lie by category and the length of their key.
struct event_key {
  std::string category;
  std::string key;
  std::uint64_t sequence = 0;
  friend auto operator<=>(const event_key&, const event_key&) = default;
};

namespace model {

/// The store's limit, in bytes.
inline constexpr std::size_t longest_key = 511;

[[noreturn]] inline void refuse_long_key(const std::string& what, std::size_t size) {
  throw std::length_error(what + " has " + std::to_string(size) + " bytes and may have " +
                          std::to_string(longest_key));
}

// Sequential reading of an encoded key. What does not fit is damage: the store gave back what nobody put in.
inline std::string_view take_bytes(std::string_view& from, std::size_t size) {
  if (from.size() < size) throw port::damaged_payload("a stored key ends too early");
  const auto taken = from.substr(0, size);
  from.remove_prefix(size);
  return taken;
}

template <class K>
struct key_codec;

template <std::integral K>
struct key_codec<K> {
  using bits = std::make_unsigned_t<std::conditional_t<std::is_same_v<K, bool>, unsigned char, K>>;
  // Big-endian; signed numbers with their sign bit turned, so that the negative ones come first.
  static constexpr bits sign = std::is_signed_v<K> ? static_cast<bits>(bits{1} << (sizeof(K) * 8 - 1)) : 0;

  static void encode(K key, std::string& out, bool /*last*/) {
    const auto number = static_cast<bits>(static_cast<bits>(key) ^ sign);
    for (int shift = static_cast<int>(sizeof(K)) * 8 - 8; shift >= 0; shift -= 8)
      out.push_back(static_cast<char>(number >> shift));
  }
  static K decode(std::string_view& from, bool /*last*/) {
    bits number = 0;
    for (const char c : take_bytes(from, sizeof(K)))
      number = static_cast<bits>(number << (sizeof(K) == 1 ? 0 : 8) | static_cast<unsigned char>(c));
    return static_cast<K>(static_cast<bits>(number ^ sign));
  }
  static std::string shape() { return (std::is_signed_v<K> ? "i" : "u") + std::to_string(8 * sizeof(K)); }
};

/// At the end of a key as it is; before others with 00 as 00 FF, and 00 00 at its end.
template <>
struct key_codec<std::string> {
  static void encode(std::string_view key, std::string& out, bool last) {
    if (last) {
      out.append(key);
      return;
    }
    for (const char c : key) {
      out.push_back(c);
      if (c == '\0') out.push_back('\xff');
    }
    out.append(2, '\0');
  }
  static std::string decode(std::string_view& from, bool last) {
    if (last) return std::string(take_bytes(from, from.size()));
    std::string key;
    for (;;) {
      const char c = take_bytes(from, 1)[0];
      if (c == '\0' && take_bytes(from, 1)[0] == '\0') return key;
      key.push_back(c);
    }
  }
  static std::string shape() { return "text"; }
};

/// The key's length goes first, so that any valid key fits: 64 + 1 + 1 + 255 + 8 bytes at most.
template <>
struct key_codec<event_key> {
  static void encode(std::string_view category, std::string_view key, std::uint64_t sequence,
                     std::string& out) {
    if (key.size() > 255)
      throw std::length_error("the key of an entity has " + std::to_string(key.size()) + " bytes");
    out.append(category).push_back('/');
    out.push_back(static_cast<char>(key.size()));
    out.append(key);
    key_codec<std::uint64_t>::encode(sequence, out, true);
  }
  static void encode(const event_key& key, std::string& out, bool /*last*/) {
    encode(key.category, key.key, key.sequence, out);
  }
  static event_key decode(std::string_view& from, bool /*last*/) {
    event_key key;
    key.category = take_bytes(from, std::min(from.find('/'), from.size()));
    take_bytes(from, 1);
    const auto size = static_cast<unsigned char>(take_bytes(from, 1)[0]);
    key.key = take_bytes(from, size);
    key.sequence = key_codec<std::uint64_t>::decode(from, true);
    return key;
  }
  static std::string shape() { return "event"; }
};

template <class... K>
struct key_codec<std::tuple<K...>> {
  static void encode(const std::tuple<K...>& key, std::string& out, bool last) {
    encode(key, out, last, std::index_sequence_for<K...>{});
  }
  static std::tuple<K...> decode(std::string_view& from, bool last) {
    return decode(from, last, std::index_sequence_for<K...>{});
  }
  static std::string shape() {
    std::string all;
    ((all += (all.empty() ? "" : ", ") + key_codec<K>::shape()), ...);
    return "(" + all + ")";
  }

 private:
  static constexpr bool at_end(std::size_t index, bool last) { return last && index + 1 == sizeof...(K); }
  template <std::size_t... I>
  static void encode(const std::tuple<K...>& key, std::string& out, bool last, std::index_sequence<I...>) {
    (key_codec<K>::encode(std::get<I>(key), out, at_end(I, last)), ...);
  }
  template <std::size_t... I>
  static std::tuple<K...> decode(std::string_view& from, bool last, std::index_sequence<I...>) {
    return std::tuple<K...>{key_codec<K>::decode(from, at_end(I, last))...};  // braces: from left to right
  }
};

template <class K>
concept row_key = requires { sizeof(key_codec<K>); };

/// How a key is handed over: text without a copy.
template <class K>
using key_argument = std::conditional_t<std::is_same_v<K, std::string>, std::string_view, const K&>;

/// Appends the key. Throws std::length_error where it is empty or too long for the store.
template <row_key K>
void encode_key(key_argument<K> key, std::string& out, bool last = true) {
  key_codec<K>::encode(key, out, last);
  if (out.empty()) throw std::length_error("a row's key is empty");
  if (out.size() > longest_key) refuse_long_key("a row's key", out.size());
}

template <row_key K>
K decode_key(std::string_view from) {
  return key_codec<K>::decode(from, true);
}

/// What K is made of, in the words of quipu/projections/key_shape.hpp.
template <row_key K>
std::string key_shape_text() {
  return key_codec<K>::shape();
}

}  // namespace model
}  // namespace quipu
