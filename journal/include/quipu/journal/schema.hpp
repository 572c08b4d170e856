/// Schemas that travel with the journal: content-addressed binary FlatBuffers schemas, and payloads as JSON.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/id.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::journal {

/// Text that says the same for two schemas that mean the same: no comments, no file names, tables and enums by
/// name, fields by id. Fails with `corrupt` for bytes that are no binary schema.
result<std::string> canonical_form(bytes_view binary_schema);

/// checksum_of(canonical_form): what a schema is stored under, and what events name.
result<id128> schema_hash(bytes_view binary_schema);

/// Fully qualified names of the tables of a binary schema.
result<std::vector<std::string>> table_names(bytes_view binary_schema);

/// What a program whose schema is `newer` would read wrongly in buffers that were written with `older`: fields and tables
/// that are gone, stand in another's place, or have another type or default, in the table itself and in everything that
/// it holds. One line each, in words; empty: every old buffer means what it meant. Added fields are no change.
result<std::vector<std::string>> breaking_changes(bytes_view older, std::string_view older_table,
                                                  bytes_view newer, std::string_view newer_table);

/// Prints, parses and verifies the buffers of one schema without generated code. Not thread-safe; make one a thread.
class schema_reader {
 public:
  static result<schema_reader> open(bytes binary_schema);
  ~schema_reader();
  schema_reader(schema_reader&&) noexcept;
  schema_reader& operator=(schema_reader&&) noexcept;

  /// One line of JSON; control characters are escaped. Verifies the buffer first: `corrupt` when it does not hold.
  result<std::string> to_json(std::string_view table, bytes_view payload);
  /// The buffer for a JSON object; an unknown or ill-typed field is named in the failure. Trusts the schema, which should
  /// be the program's own: FlatBuffers' parser was not made for hostile ones (to_json and verify take any).
  result<bytes> from_json(std::string_view table, std::string_view json);
  /// Whether the payload is a well-formed buffer of that table.
  result<void> verify(std::string_view table, bytes_view payload) const;

 private:
  struct state;
  explicit schema_reader(std::unique_ptr<state> loaded);
  std::unique_ptr<state> state_;
};

}  // namespace quipu::journal
