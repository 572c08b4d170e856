/// The header beside flatc's: schema and null guard of every table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quipu::schema_tool {

/// The text of STEM_quipu.hpp. `binary_schema` comes from `flatc -b --schema --bfbs-filenames ...`, and
/// `stem` is the schema file's name without its extension: tables of included files belong to their own
/// headers, which this one includes. Throws std::runtime_error for what is no binary schema, and for what
/// Quipu cannot store.
std::string quipu_header(const std::vector<std::uint8_t>& binary_schema, const std::string& stem,
                         const std::string& generated_header);

}  // namespace quipu::schema_tool
