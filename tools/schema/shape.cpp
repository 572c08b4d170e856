#include "shape.hpp"

#include "null_paths.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace quipu::schema_tool {

namespace {

/// Walks what a table reaches, each thing once, in the order of first mention.
class walk {
 public:
  explicit walk(const reflection::Schema& schema) : schema_(schema) {}

  std::uint64_t from(const reflection::Object& start) {
    objects_.push_back(&start);
    seen_.insert(&start);
    for (std::size_t i = 0; i < objects_.size(); ++i) describe(*objects_[i]);
    return hash_.value();
  }

 private:
  void say(const std::string& text) { hash_.add(text.c_str(), text.size() + 1); }
  void say(std::int64_t number) { say(std::to_string(number)); }

  void describe(const reflection::Object& object) {
    say(object.is_struct() ? "struct" : "table");
    say(object.name()->str());
    for (const auto* field : in_order(object)) {
      say(field->name()->str());
      say(field->id());
      say(field->default_integer());
      say(std::to_string(field->default_real()));
      say((field->required() ? 1 : 0) + (field->optional() ? 2 : 0) + (field->deprecated() ? 4 : 0));
      describe(*field->type());
    }
  }

  void describe(const reflection::Type& type) {
    say(reflection::EnumNameBaseType(type.base_type()));
    say(reflection::EnumNameBaseType(type.element()));
    say(type.fixed_length());
    if (type.index() < 0) return;
    const auto index = static_cast<flatbuffers::uoffset_t>(type.index());
    // An index is one of an object where the (element) type is an object, and of an enum everywhere else.
    if (type.base_type() == reflection::Obj || type.element() == reflection::Obj) {
      const auto* object = schema_.objects()->Get(index);
      say(object->name()->str());
      if (seen_.insert(object).second) objects_.push_back(object);
    } else {
      describe(*schema_.enums()->Get(index));
    }
  }

  void describe(const reflection::Enum& list) {
    say(list.name()->str());
    if (!seen_.insert(&list).second) return;
    for (const auto* value : *list.values()) {
      say(value->name()->str());
      say(value->value());
      if (value->union_type() != nullptr) describe(*value->union_type());
    }
  }

  const reflection::Schema& schema_;
  std::vector<const reflection::Object*> objects_;
  std::set<const void*> seen_;
  fnv1a hash_;
};

}  // namespace

bool has_union(const reflection::Schema& schema, const reflection::Object& table) {
  std::vector<const reflection::Object*> held{&table};
  std::set<const reflection::Object*> seen{&table};
  for (std::size_t i = 0; i < held.size(); ++i)
    for (const auto* field : *held[i]->fields()) {
      const auto* type = field->type();
      if (field->deprecated()) continue;
      if (type->base_type() == reflection::Union || type->element() == reflection::Union) return true;
      if (type->base_type() != reflection::Obj && type->element() != reflection::Obj) continue;
      const auto* object = schema.objects()->Get(static_cast<flatbuffers::uoffset_t>(type->index()));
      if (seen.insert(object).second) held.push_back(object);
    }
  return false;
}

std::uint64_t shape_of(const reflection::Schema& schema, const reflection::Object& table) {
  return walk(schema).from(table);
}

}  // namespace quipu::schema_tool
