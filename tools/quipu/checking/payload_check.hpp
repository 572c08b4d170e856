/// Whether the journal's schemas are what they are stored as, and payloads fit theirs.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <quipu/journal/record.hpp>
#include <quipu/journal/schema.hpp>
#include <string>
#include <utility>
#include <vector>

#include "checking/fault.hpp"

namespace quipu::tool {

/// One thread.
class payload_check {
 public:
  /// Names damaged schemas at once.
  payload_check(std::vector<journal::stored_schema> schemas, const fault_sink& found);

  /// Looks up the record's types; names each that has no schema, at its first record.
  void begin(const journal::stored_record& stored, const journal::record_view& view);
  /// Of the record that was begun: why the payload is none of its type. Nothing: it is one, or no schema tells.
  std::optional<journal::failure> fault_in(std::uint16_t type, bytes_view payload) const;

 private:
  struct known_type {
    std::string name;
    id128 schema;
    const journal::schema_reader* reader = nullptr;  ///< null: nothing can be said of its payloads
  };
  const known_type& look_up(const journal::type_ref& type, const journal::stored_record& stored);

  const fault_sink& found_;
  std::map<id128, std::optional<journal::schema_reader>> schemas_;  ///< empty: damaged, and named
  std::map<std::pair<id128, std::string>, known_type> types_;
  std::vector<const known_type*> of_record_;
};

}  // namespace quipu::tool
