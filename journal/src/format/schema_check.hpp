/// Binary schemas come from a journal, hence from anywhere: what FlatBuffers takes for granted is checked
/// here.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/id.hpp>

#include <flatbuffers/reflection_generated.h>

namespace quipu::journal {

/// The schema within `binary_schema`, which the caller keeps and which must be 8-byte aligned. After success
/// every index and every layout in it can be followed. `corrupt` otherwise.
result<const reflection::Schema*> checked_schema(bytes_view binary_schema);

/// Numbers, booleans and what is stored as one: enums and the type fields of unions.
constexpr bool is_scalar(reflection::BaseType type) {
  return type >= reflection::BaseType::UType && type <= reflection::BaseType::Double;
}
/// Bytes of a scalar, which are its alignment as well.
std::size_t scalar_size(reflection::BaseType type);

}  // namespace quipu::journal
