/// What a table looks like, whatever else its schema file holds.
#pragma once

#include <flatbuffers/reflection_generated.h>

#include <cstdint>

namespace quipu::schema_tool {

/// A hash of the table and of all tables, structs, enums and unions that it reaches: names, ids, types,
/// defaults. It changes when the meaning of stored bytes may have, and stays when another table of the file
/// is added or changed.
std::uint64_t shape_of(const reflection::Schema& schema, const reflection::Object& table);

/// Whether the table, or one that it holds, has a union: flatbuffers::Verifier lets it pass without its value.
bool has_union(const reflection::Schema& schema, const reflection::Object& table);

/// FNV-1a of bytes: names and shapes need no more.
class fnv1a {
 public:
  void add(const void* data, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      hash_ = (hash_ ^ static_cast<const std::uint8_t*>(data)[i]) * 0x100000001b3U;
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

}  // namespace quipu::schema_tool
