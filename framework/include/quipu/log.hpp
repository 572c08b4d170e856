/// What a runtime says about itself while it works, and where that goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace quipu {

/// From which level on entries are made; what is below costs nothing.
enum class log_level : std::uint8_t {
  debug,
  info,     ///< a runtime opened, recovered, claimed, closed
  warning,  ///< something was refused, lost or rebuilt, and Quipu goes on
  error,    ///< something stopped and does not go on by itself
  off,
};
std::string_view name_of(log_level level);

/// How the entries look that Quipu writes itself.
enum class log_format : std::uint8_t {
  text,  ///< one line an entry, for people
  json,  ///< one JSON object a line: time, level, component, text, and the fields by their names
};
std::string_view name_of(log_format format);

/// A fact of an entry, for machines; the text says it too where people need it.
struct log_field {
  std::string_view name;  ///< a literal
  std::variant<std::string, std::int64_t> value;
};

/// Never holds a password, a token or a seed; URLs come without them.
struct log_entry {
  std::chrono::sys_time<std::chrono::microseconds> time;  ///< by options.clock
  log_level level = log_level::info;
  std::string_view component;  ///< a literal: node, partition, journal, admission, domain, snapshots
  std::string text;            ///< a sentence or two for people
  std::vector<log_field> fields;
};

/// Takes entries on any thread, several at once; must not block. What it throws is dropped.
using log_sink = std::function<void(const log_entry&)>;

/// A library is quiet while all goes well: warnings and errors go to stderr, and nothing else.
struct log_options {
  /// Empty: Quipu writes itself, as `format` and `file` say. `level` holds for both.
  log_sink sink;
  log_level level = log_level::warning;
  log_format format = log_format::text;
  /// Appended to; empty: stderr.
  std::filesystem::path file;
};

}  // namespace quipu
