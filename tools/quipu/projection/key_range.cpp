#include "projection/key_range.hpp"

#include <utility>

namespace quipu::tool {
namespace {

/// The first text that is greater than all that begin with this one; nothing: there is none.
std::optional<std::string> behind_all(std::string beginning) {
  while (!beginning.empty() && beginning.back() == '\xff') beginning.pop_back();
  if (beginning.empty()) return std::nullopt;
  beginning.back() = static_cast<char>(static_cast<unsigned char>(beginning.back()) + 1);
  return beginning;
}

}  // namespace

std::expected<key_range, std::string> range_of(const key_arguments& given, const key_shape& shape,
                                               bool further) {
  const auto wrong = [](const char* option, const std::string& text, const std::string& why) {
    return std::unexpected(std::string(option) + " " + text + ": " + why);
  };
  // The last key with it, or with what it begins with.
  const auto behind = [&](key_shape::stored_key key) {
    if (further || !key.whole) return behind_all(std::move(key.bytes));
    return std::optional(std::move(key.bytes) + '\0');
  };
  key_range range;
  if (!given.key.empty()) {
    auto key = shape.stored(given.key, !further);
    if (!key) return wrong("--key", given.key, key.error());
    range.first = key->bytes;
    range.beyond = behind(std::move(*key));
  }
  if (!given.prefix.empty()) {
    auto prefix = shape.stored_prefix(given.prefix, !further);
    if (!prefix) return wrong("--prefix", given.prefix, prefix.error());
    range.first = *prefix;
    range.beyond = behind_all(std::move(*prefix));
  }
  if (!given.from.empty()) {
    auto from = shape.stored(given.from, !further);
    if (!from) return wrong("--from", given.from, from.error());
    range.first = std::move(from->bytes);
  }
  if (!given.to.empty()) {
    auto to = shape.stored(given.to, !further);
    if (!to) return wrong("--to", given.to, to.error());
    range.beyond = behind(std::move(*to));
  }
  return range;
}

}  // namespace quipu::tool
