/// Where an object of flatc's object API can hold a null that Pack() or a copy would stumble over.
#pragma once

#include <flatbuffers/reflection_generated.h>

#include <string>
#include <vector>

namespace quipu::schema_tool {

/// Writes the body of quipu_find_null() for the tables of one schema. The schema must outlive it.
///
/// What is found: a null in a vector of tables; a required table, struct or union that is missing; a union
/// whose type is set and whose value is null; an unset union in a vector. A null where the schema allows one
/// is no fault.
class null_paths {
 public:
  explicit null_paths(const reflection::Schema& schema);

  /// Whether anything below this table can be such a null.
  bool possible(const reflection::Object& table) const;
  /// The statements that return the place of the first one, "lines[3] is null"; `t` is the object.
  std::string body(const reflection::Object& table) const;

 private:
  const reflection::Object* table_at(int index) const;
  std::size_t index_of(const reflection::Object& table) const;
  bool possible_in(const reflection::Field& field) const;
  bool possible_in_union(int index) const;
  std::string check(const reflection::Field& field) const;
  std::string union_check(int index, const std::string& access, const std::string& place, bool needed,
                          const std::string& indent) const;

  const reflection::Schema& schema_;
  std::vector<bool> possible_;  // by index of the object
};

/// The fields of a table in the order in which they were declared.
std::vector<const reflection::Field*> in_order(const reflection::Object& table);

}  // namespace quipu::schema_tool
