/// Whether a file is one that the dynamic linker may be given.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace quipu::modules {

/// What is wrong with the file, with its cure; nothing: dlopen() may look at it. The linker maps a file without asking how
/// long it is, so one that was cut short would end the process.
std::optional<std::string> trouble_with(const std::filesystem::path& file);

}  // namespace quipu::modules
