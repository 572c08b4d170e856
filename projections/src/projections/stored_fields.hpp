/// Rows of our own as FlatBuffers: their fields, and their bytes from the store and for it.
#pragma once

#include <quipu/journal/id.hpp>
#include <quipu/port/entity_type.hpp>

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace quipu::projecting {

inline std::string text_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string() : text->str();
}

inline id128 id_in(const flatbuffers::Vector<std::uint64_t>* words) {
  return words != nullptr && words->size() == 2 ? id128{words->Get(0), words->Get(1)} : id128{};
}
inline auto stored_id(flatbuffers::FlatBufferBuilder& builder, const id128& what) {
  const std::uint64_t words[] = {what.high, what.low};
  return builder.CreateVector(words, 2);
}

inline std::string finished(const flatbuffers::FlatBufferBuilder& builder) {
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

/// The row that lies in these bytes, in a copy: LMDB gives no alignment. Throws port::damaged_payload with `complaint`.
template <class Table>
const Table& verified(bytes_view row, std::vector<std::uint64_t>& copy, const char* complaint) {
  copy.resize((row.size() + 7) / 8);
  if (!row.empty()) std::memcpy(copy.data(), row.data(), row.size());
  const auto* data = reinterpret_cast<const std::uint8_t*>(copy.data());
  flatbuffers::Verifier verifier(data, row.size());
  if (!verifier.VerifyBuffer<Table>(nullptr)) throw port::damaged_payload(complaint);
  return *flatbuffers::GetRoot<Table>(data);
}

}  // namespace quipu::projecting
