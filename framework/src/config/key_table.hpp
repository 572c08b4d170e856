/// The one table of configuration keys: the parser, the checks at opening, `quipu config` and docs/configuration.md are
/// made from it.
#pragma once

#include <quipu/options.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace quipu::config {

/// The member of `options` that a key stands for.
using slot = std::variant<bool*, std::uint32_t*, std::uint64_t*, std::chrono::milliseconds*, std::string*,
                          std::filesystem::path*, log_level*, log_format*>;

/// How a value is written.
enum class form : std::uint8_t { flag, count, size, duration, text, path, word };

/// Whether a value may be shown.
enum class shown : std::uint8_t {
  yes,
  never,
  as_url,  ///< without user, password and token
};

/// Of counts, of sizes in bytes and of durations in milliseconds.
struct range {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

struct key {
  std::string_view name;
  config::form form;
  slot (*in)(options&);
  range bounds;
  std::string_view variable;
  std::string_view reason;
  config::shown shown = config::shown::yes;
};

std::span<const key> all_keys();
/// Null: there is none.
const key* find_key(std::string_view name);
const key* find_variable(std::string_view variable);
/// The key whose name, or variable, is most like the word; null when none is like it.
const key* nearest_key(std::string_view name);
const key* nearest_variable(std::string_view variable);

/// Options as code made them: the sentence about the first key whose value is out of range; empty: none.
std::string out_of_range(const options& how);

}  // namespace quipu::config
