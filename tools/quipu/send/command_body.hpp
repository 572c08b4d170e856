/// The command that people write: a name and JSON.
#pragma once

#include <cstdint>
#include <expected>
#include <quipu/port/entity_type.hpp>
#include <string>
#include <string_view>

namespace quipu::tool {

/// Index into type.commands, by the table's full name or by the part behind its last point, where only one has it. Else a
/// sentence that names those that there are.
std::expected<std::uint32_t, std::string> find_command(const port::entity_type& type, std::string_view name);

/// The command's packed table. Else a sentence or two: what does not fit, and the fields that there are.
std::expected<bytes, std::string> command_body(const port::named_type& command, std::string_view json);

}  // namespace quipu::tool
