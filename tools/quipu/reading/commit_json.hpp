/// Commits and their payloads as every command shows them.
#pragma once

#include <quipu/journal/record.hpp>
#include <string>

#include "reading/payload_reader.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {

/// Name: text where the value is UTF-8, {"bytes": HEX} where not; a name that occurs twice holds a list.
json headers_json(const journal::record_view& in, const journal::commit_view& commit);
json source_json(const command_source& source);
/// 16 hexadecimal digits.
std::string reaction_text(const command_source& source);

/// Puts type, schema and payload; payload is null where there is no JSON of it: then payload_bytes and payload_error.
void put_payload(json& into, const journal::type_ref& type, bytes_view payload, const shown_payload& shown);
/// Safe on a terminal: the JSON, or the bytes with the reason.
std::string payload_text(bytes_view payload, const shown_payload& shown);

/// headers, trace, causation and source, those that there are.
void put_origin(json& into, const journal::record_view& in, const journal::commit_view& commit);
/// The same for people, one line, printable; empty where there is none.
std::string origin_text(const journal::record_view& in, const journal::commit_view& commit);

}  // namespace quipu::tool
