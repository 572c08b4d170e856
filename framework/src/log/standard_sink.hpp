/// The sink that Quipu brings: lines on stderr or in a file.
#pragma once

#include <quipu/log.hpp>

#include <expected>
#include <string>

namespace quipu::log {

/// Writes as `how.format` and `how.file` say; flushes every entry. The error is a sentence: the file cannot be opened.
std::expected<log_sink, std::string> standard_sink(const log_options& how);

/// The line of an entry without its time and level: "partition: it serves epoch=3". One line, whatever is in the entry.
std::string text_line(const log_entry& what);
/// What follows the time in the line's object: `"level":"info", …}`.
std::string json_line(const log_entry& what);

}  // namespace quipu::log
