/// Reads an export: docs/export_format.md.
#pragma once

#include <memory>
#include <string>

#include "copying/record_source.hpp"

namespace quipu::tool {

/// Of a file, or of stdin for "-". The first line is read and checked here, each other one before its record is given;
/// what is wrong is said with the line's number and the member's name.
from_source<std::unique_ptr<record_source>> read_export(const std::string& file);

}  // namespace quipu::tool
