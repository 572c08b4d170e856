/// FlatBuffers objects as stored bytes: packing, verifying, unpacking, naming.
///
/// What is needed beside flatc's own code comes from the header that quipu_schema() makes (NAME_quipu.hpp):
/// the binary schema of a table, whether it has unions, and whether an object holds a null that Pack() would stumble
/// over.
#pragma once

#include <flatbuffers/flatbuffers.h>
#include <quipu/journal/id.hpp>
#include <quipu/journal/schema.hpp>
#include <quipu/port/entity_type.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace quipu {

/// An object of flatc's object API: `bank::AccountT`.
template <class T>
concept table_object = std::derived_from<T, flatbuffers::NativeTable> && requires {
  typename T::TableType;
  { T::TableType::GetFullyQualifiedName() } -> std::convertible_to<const char*>;
};

/// An object whose schema travels with the program: its NAME_quipu.hpp is included.
template <class T>
concept described_table = table_object<T> && requires(const T& object) {
  { quipu_schema_of(&object) } -> std::same_as<bytes_view>;
  { quipu_shape_of(&object) } -> std::same_as<std::uint64_t>;
  { quipu_find_null(object) } -> std::same_as<std::string>;
  { quipu_has_union(&object) } -> std::same_as<bool>;
};

/// Full name of an object's table: `bank.Account`. Static storage.
template <table_object T>
const char* table_name() {
  return T::TableType::GetFullyQualifiedName();
}

/// schema_hash() of a binary schema in static storage, computed once. Thread-safe.
inline id128 hash_of_schema(bytes_view binary) {
  static std::mutex guard;
  static std::vector<std::pair<const std::uint8_t*, id128>> known;
  const std::scoped_lock lock(guard);
  for (const auto& [data, hash] : known)
    if (data == binary.data()) return hash;
  const auto hash = journal::schema_hash(binary);
  if (!hash) throw std::logic_error("an embedded schema cannot be read: " + hash.error().text);
  known.emplace_back(binary.data(), *hash);
  return *hash;
}

/// Name and schema of an object's table. Thread-safe; static storage.
template <described_table T>
const port::named_type& named_type_of() {
  static const port::named_type named = [] {
    const bytes_view binary = quipu_schema_of(static_cast<const T*>(nullptr));
    return port::named_type{table_name<T>(), hash_of_schema(binary), binary};
  }();
  return named;
}

/// Throws std::invalid_argument, naming the place, for an object that cannot be packed or copied: a null in a
/// vector of tables, a required table that is missing, a union that has a type and no value.
template <described_table T>
void refuse_null(const T& object) {
  if (auto where = quipu_find_null(object); !where.empty())
    throw std::invalid_argument(std::string(table_name<T>()) + ": " + where);
}

/// Packs an object into this thread's builder; the view holds until the next pack() on this thread.
template <described_table T>
bytes_view pack(const T& object) {
  refuse_null(object);
  // A builder keeps its memory from one use to the next. One that had to grow a lot gives it back.
  static constexpr std::size_t kept_bytes = std::size_t{1} << 20U;
  thread_local flatbuffers::FlatBufferBuilder builder;
  if (builder.GetSize() > kept_bytes)
    builder.Reset();
  else
    builder.Clear();
  builder.Finish(T::TableType::Pack(builder, &object));
  return {builder.GetBufferPointer(), builder.GetSize()};
}

/// Packs an object to the end of `out`, at the next multiple of 8; returns where it begins.
template <described_table T>
std::size_t append_packed(const T& object, bytes& out) {
  const bytes_view packed = pack(object);
  const std::size_t begin = (out.size() + 7) / 8 * 8;
  out.resize(begin);
  out.insert(out.end(), packed.begin(), packed.end());
  return begin;
}

namespace model {

template <described_table T>
port::damaged_payload damaged(const std::string& why) {
  return port::damaged_payload(std::string(table_name<T>()) + ": " + why);
}

}  // namespace model

/// The table that a stored buffer holds, verified and not copied; holds as long as the payload, and (where that
/// is not 8-byte aligned) until the next read of a T on this thread. Throws port::damaged_payload, naming the
/// table, for bytes that are no such buffer.
template <described_table T>
const typename T::TableType& read_in_place(bytes_view payload) {
  // FlatBuffers reads in place and wants its 8 bytes of alignment; whoever stores may not give it.
  thread_local bytes aligned;
  if (reinterpret_cast<std::uintptr_t>(payload.data()) % 8 != 0) {
    aligned.assign(payload.begin(), payload.end());
    payload = aligned;
  }
  if (payload.size() >= FLATBUFFERS_MAX_BUFFER_SIZE)
    throw model::damaged<T>("the stored buffer is too large");
  flatbuffers::Verifier verifier(payload.data(), payload.size());
  if (!verifier.template VerifyBuffer<typename T::TableType>(nullptr))
    throw model::damaged<T>("the stored buffer does not verify");
  return *flatbuffers::GetRoot<typename T::TableType>(payload.data());
}

/// The reverse of pack(). Throws as read_in_place() does.
template <described_table T>
T unpack(bytes_view payload) {
  // UnPackTo() leaves alone what the buffer does not hold, so it needs a fresh object.
  T object;
  read_in_place<T>(payload).UnPackTo(&object);
  // The verifier lets a union pass that has a type and no value; copying or packing it would crash later.
  if (auto where = quipu_find_null(object); !where.empty())
    throw model::damaged<T>("the stored buffer is incomplete: " + where);
  return object;
}

}  // namespace quipu
