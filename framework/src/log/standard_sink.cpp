// The only file that names spdlog.
#include "log/standard_sink.hpp"

#include <nlohmann/json.hpp>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <string_view>

namespace quipu::log {
namespace {

using json = nlohmann::ordered_json;

spdlog::level::level_enum level_of(log_level level) {
  switch (level) {
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warning:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
    case log_level::off:
      break;
  }
  return spdlog::level::off;
}

// An entry stays one line, and nothing in it drives a terminal or passes for another entry.
void append_printable(std::string& line, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      line += c;
    } else {
      line += "\\x";
      line += digits[byte >> 4U];
      line += digits[byte & 15U];
    }
  }
}

}  // namespace

std::string text_line(const log_entry& what) {
  std::string line(what.component);
  line += ": ";
  append_printable(line, what.text);
  for (const auto& field : what.fields) {
    line += " " + std::string(field.name) + "=";
    if (const auto* number = std::get_if<std::int64_t>(&field.value))
      line += std::to_string(*number);
    else
      append_printable(line, std::get<std::string>(field.value));
  }
  return line;
}

std::string json_line(const log_entry& what) {
  json line{{"level", name_of(what.level)}, {"component", what.component}, {"text", what.text}};
  for (const auto& field : what.fields)
    std::visit([&](const auto& value) { line[std::string(field.name)] = value; }, field.value);
  return line.dump(-1, ' ', false, json::error_handler_t::replace).substr(1);
}

std::expected<log_sink, std::string> standard_sink(const log_options& how) {
  std::shared_ptr<spdlog::logger> lines;
  try {
    spdlog::sink_ptr to;
    if (how.file.empty())
      to = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
      to = std::make_shared<spdlog::sinks::basic_file_sink_mt>(how.file.string());
    lines = std::make_shared<spdlog::logger>("quipu", std::move(to));
  } catch (const std::exception& why) {
    return std::unexpected("the log file " + how.file.string() + " cannot be opened: " + why.what());
  }
  const bool as_json = how.format == log_format::json;
  lines->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      as_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ",%v)" : "%Y-%m-%dT%H:%M:%S.%fZ %-7l %v",
      spdlog::pattern_time_type::utc));
  lines->set_level(spdlog::level::trace);  // what is below the level was left out before
  lines->flush_on(spdlog::level::trace);
  return [lines, as_json](const log_entry& what) {
    lines->log(std::chrono::time_point_cast<spdlog::log_clock::duration>(what.time), spdlog::source_loc{},
               level_of(what.level), as_json ? json_line(what) : text_line(what));
  };
}

}  // namespace quipu::log
