/// Whether the journal's schemas are what they are stored as, and payloads fit theirs.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <quipu/journal/record.hpp>
#include <quipu/journal/schema.hpp>
#include <string>
#include <utility>
#include <vector>

#include "checking/fault.hpp"

namespace quipu::tool {

/// Half of the work of a check, so it may be done by another thread than the rest: one looks, one takes.
class payload_check {
 public:
  /// Names damaged schemas at once.
  payload_check(std::vector<journal::stored_schema> schemas, const fault_sink& found);

  /// At every event and reply of the record, and at its types: each that has no schema is named at its first record.
  void look(const journal::stored_record& stored, const journal::record_view& view);
  /// What was found in a record that was looked at.
  std::vector<fault> take(record_number record);

 private:
  struct known_type {
    std::string name;
    id128 schema;
    const journal::schema_reader* reader = nullptr;  ///< null: nothing can be said of its payloads
  };
  void begin(const journal::stored_record& stored, const journal::record_view& view);
  const known_type& look_up(const journal::type_ref& type, const journal::stored_record& stored);
  void look(const journal::stored_record& stored, const journal::commit_view& commit);
  /// Why the payload is none of its type. Nothing: it is one, or no schema tells.
  std::optional<journal::failure> fault_in(std::uint16_t type, bytes_view payload) const;
  void note(const journal::stored_record& stored, const journal::commit_view& commit, std::uint32_t event,
            const std::string& what, error_code code);

  std::map<id128, std::optional<journal::schema_reader>> schemas_;  ///< empty: damaged, and named
  std::map<std::pair<id128, std::string>, known_type> types_;
  std::vector<const known_type*> of_record_;
  std::vector<fault> faults_;  ///< of the record that is looked at

  std::mutex guard_;
  std::map<record_number, std::vector<fault>> found_in_;
};

}  // namespace quipu::tool
