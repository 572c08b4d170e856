/// Payloads as JSON, by the schemas that the journal itself carries.
#pragma once

#include <optional>
#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>
#include <quipu/journal/schema.hpp>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace quipu::tool {

/// A payload to show: JSON, or why there is none.
struct shown_payload {
  std::string json;      ///< one line; empty when it cannot be decoded
  std::string reason;    ///< then: why not
  bool damaged = false;  ///< the reason is damage, and not merely a schema that is not there
};

/// One thread. Schemas are loaded at their first use.
class payload_reader {
 public:
  /// `growing`: the journal may get schemas while it is read; it must outlive the reader.
  explicit payload_reader(std::vector<journal::stored_schema> schemas, journal::journal* growing = nullptr);
  shown_payload show(const journal::type_ref& type, bytes_view payload);

 private:
  struct entry {
    bytes binary;
    std::optional<journal::schema_reader> reader;
    std::string trouble;  ///< why the schema cannot be used
  };
  static void load(entry& schema, const id128& hash);
  void add(std::vector<journal::stored_schema> schemas);
  entry* find(const id128& hash);

  std::unordered_map<id128, entry> schemas_;
  journal::journal* growing_;
  std::unordered_set<id128> missing_;  ///< asked for, and not there
};

}  // namespace quipu::tool
