/// Whether a payload is a well-formed buffer of a table, by its schema alone.
///
/// FlatBuffers has such a check (flatbuffers::Verify), but it trusts unions: a union without its type field,
/// vectors of unions of different lengths, or members that are numbered by hand pass it or abort it, and
/// abort the JSON printer.
#pragma once

#include <quipu/journal/id.hpp>

#include <flatbuffers/reflection_generated.h>

namespace quipu::journal {

/// `schema` passed checked_schema(), `table` is one of its tables and no struct, `payload` is 8-byte aligned.
/// True: every reader that follows the schema stays within the payload, and what it reads is at most a fixed
/// multiple of it.
bool payload_holds(const reflection::Schema& schema, const reflection::Object& table, bytes_view payload);

}  // namespace quipu::journal
