/// A file of configuration: one JSON object, whose objects are the keys' groups.
#pragma once

#include <quipu/result.hpp>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace quipu::config {

enum class json_type : std::uint8_t { text, number, boolean, other };

/// What stands in the file, with the path to it: "admission.commands_per_partition".
struct json_value {
  std::string name;
  json_type type = json_type::other;
  std::string text;  ///< without quotes; of `other`: "null", "an object", "a list"
};

/// In the file's order. The error is a sentence that begins with the file; it shows nothing that stands in the file but
/// names.
std::expected<std::vector<json_value>, std::string> read_json_file(const std::filesystem::path& file);

/// The text as JSON writes it, in quotes and on one line: for errors.
std::string in_quotes(std::string_view text);

}  // namespace quipu::config
