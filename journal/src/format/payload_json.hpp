/// A payload as JSON, by its schema alone.
///
/// FlatBuffers' own printer aborts on schemas that contradict themselves in ways that only it knows, and it
/// changed its name between versions. This one needs nothing that checked_schema() and payload_holds() have
/// not seen.
#pragma once

#include <quipu/journal/id.hpp>

#include <flatbuffers/reflection_generated.h>

#include <string>

namespace quipu::journal {

/// `schema` passed checked_schema(), `payload` passed payload_holds() for `table`. One line; scalars that are
/// absent show their defaults, enums their names; buffers within buffers stay bytes.
std::string payload_json(const reflection::Schema& schema, const reflection::Object& table,
                         bytes_view payload);

}  // namespace quipu::journal
