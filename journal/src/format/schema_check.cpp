#include "format/schema_check.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quipu::journal {
namespace {

using reflection::BaseType;

std::string_view view_of(const flatbuffers::String* text) { return {text->data(), text->size()}; }

/// Names become lines of the canonical form and keys of binary searches: identifiers and dots, nothing else.
bool valid_name(const flatbuffers::String* name) {
  if (name == nullptr || name->size() == 0) return false;
  return std::ranges::all_of(view_of(name), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

/// flatc sorts by name, and FlatBuffers' look-ups rely on it.
template <class List>
bool named_and_sorted(const List* list) {
  std::string_view last;
  for (const auto* item : *list) {
    if (!valid_name(item->name()) || view_of(item->name()) <= last) return false;
    last = view_of(item->name());
  }
  return true;
}

class check {
 public:
  explicit check(const reflection::Schema& schema) : objects_(*schema.objects()), enums_(*schema.enums()) {}

  /// What is wrong, and with what; empty when nothing is.
  std::string run() {
    if (!named_and_sorted(&objects_)) return "its tables are not sorted by name";
    if (!named_and_sorted(&enums_)) return "its enums are not sorted by name";
    for (const auto* e : enums_) {
      if (!enum_holds(*e)) return "enum " + e->name()->str();
    }
    for (const auto* o : objects_) {
      if (o->fields() == nullptr || !named_and_sorted(o->fields()))
        return "the field names of " + o->name()->str();
      if (o->is_struct() ? !struct_holds(*o) : !table_holds(*o)) return "the fields of " + o->name()->str();
    }
    if (!structs_end()) return "a struct that holds itself";
    return {};
  }

 private:
  const reflection::Object* object_at(std::int32_t index) const {
    if (index < 0 || static_cast<std::uint32_t>(index) >= objects_.size()) return nullptr;
    return objects_.Get(static_cast<flatbuffers::uoffset_t>(index));
  }
  const reflection::Enum* enum_at(std::int32_t index) const {
    if (index < 0 || static_cast<std::uint32_t>(index) >= enums_.size()) return nullptr;
    return enums_.Get(static_cast<flatbuffers::uoffset_t>(index));
  }

  /// A type that is no vector and no array.
  bool single_holds(BaseType type, std::int32_t index) const {
    if (is_scalar(type)) {
      if (type == BaseType::UType && index == -1) return false;
      return index == -1 || enum_at(index) != nullptr;
    }
    if (type == BaseType::String) return true;
    if (type == BaseType::Obj) return object_at(index) != nullptr;
    if (type == BaseType::Union) return enum_at(index) != nullptr && enum_at(index)->is_union();
    return false;
  }

  bool type_holds(const reflection::Type& type) const {
    if (type.base_type() == BaseType::Vector) return single_holds(type.element(), type.index());
    return single_holds(type.base_type(), type.index());
  }

  bool enum_holds(const reflection::Enum& e) const {
    if (e.underlying_type() == nullptr || e.values() == nullptr || e.values()->size() == 0) return false;
    if (!is_scalar(e.underlying_type()->base_type())) return false;
    bool first = true;
    std::int64_t last = 0;
    for (const auto* value : *e.values()) {
      if (!valid_name(value->name())) return false;
      if (!e.is_union()) continue;
      if (value->value() < 0 || value->value() > 255 || (!first && value->value() <= last)) return false;
      first = false;
      last = value->value();
      const auto* type = value->union_type();
      if (type == nullptr) return false;
      bool member = type->base_type() == BaseType::None || type->base_type() == BaseType::String ||
                    (type->base_type() == BaseType::Obj && object_at(type->index()) != nullptr);
      if (!member) return false;
    }
    return true;
  }

  /// A union is read through the field beside it that says which member it is.
  bool union_has_type_field(const reflection::Object& table, const reflection::Field& field) const {
    const auto& type = *field.type();
    bool many = type.base_type() == BaseType::Vector && type.element() == BaseType::Union;
    if (type.base_type() != BaseType::Union && !many) return true;
    auto name = field.name()->str() + "_type";
    for (const auto* other : *table.fields()) {
      if (view_of(other->name()) != name) continue;
      const auto& tag = *other->type();
      return tag.index() == type.index() && other->id() + 1 == field.id() &&
             (many ? tag.base_type() == BaseType::Vector && tag.element() == BaseType::UType
                   : tag.base_type() == BaseType::UType);
    }
    return false;
  }

  /// Defaults are kept as 64 signed bits, those of ulong too.
  static bool default_fits(const reflection::Field& field) {
    auto value = field.default_integer();
    switch (field.type()->base_type()) {
      case BaseType::Bool:
        return value == 0 || value == 1;
      case BaseType::Byte:
        return std::in_range<std::int8_t>(value);
      case BaseType::UType:
      case BaseType::UByte:
        return std::in_range<std::uint8_t>(value);
      case BaseType::Short:
        return std::in_range<std::int16_t>(value);
      case BaseType::UShort:
        return std::in_range<std::uint16_t>(value);
      case BaseType::Int:
        return std::in_range<std::int32_t>(value);
      case BaseType::UInt:
        return std::in_range<std::uint32_t>(value);
      case BaseType::Long:
      case BaseType::ULong:
        return true;
      default:
        return value == 0;
    }
  }

  static bool presence_fits(const reflection::Field& field) {
    if (field.required()) return !field.optional() && !is_scalar(field.type()->base_type());
    return true;
  }

  bool table_holds(const reflection::Object& table) const {
    std::vector<bool> seen(table.fields()->size());
    for (const auto* field : *table.fields()) {
      if (field->type() == nullptr || field->id() >= seen.size() || seen[field->id()]) return false;
      seen[field->id()] = true;
      if (field->offset() != 4 + 2 * field->id() || !type_holds(*field->type())) return false;
      if (!default_fits(*field) || !presence_fits(*field)) return false;
    }
    return std::ranges::all_of(*table.fields(),
                               [&](const auto* f) { return union_has_type_field(table, *f); });
  }

  std::size_t size_in_struct(BaseType type, std::int32_t index) const {
    if (is_scalar(type)) return index == -1 || enum_at(index) != nullptr ? scalar_size(type) : 0;
    const auto* object = type == BaseType::Obj ? object_at(index) : nullptr;
    return object != nullptr && object->is_struct() && object->bytesize() > 0
               ? static_cast<std::size_t>(object->bytesize())
               : 0;
  }

  bool struct_holds(const reflection::Object& object) const {
    auto align = object.minalign();
    if (align < 1 || align > 256 || (align & (align - 1)) != 0 || object.bytesize() < 1) return false;
    std::vector<const reflection::Field*> by_id(object.fields()->size());
    for (const auto* field : *object.fields()) {
      if (field->type() == nullptr || field->id() >= by_id.size() || by_id[field->id()] != nullptr)
        return false;
      by_id[field->id()] = field;
    }
    std::size_t end = 0;
    for (const auto* field : by_id) {
      const auto& type = *field->type();
      bool array = type.base_type() == BaseType::Array;
      auto size = size_in_struct(array ? type.element() : type.base_type(), type.index());
      if (array) size *= type.fixed_length();
      // Fields that overlap could unfold without end; only the alignment may leave room before one.
      if (size == 0 || field->offset() < end || field->offset() >= end + 256) return false;
      if (end == 0 && field->offset() != 0) return false;
      end = field->offset() + size;
    }
    auto rounded = (end + static_cast<std::size_t>(align) - 1) / static_cast<std::size_t>(align) *
                   static_cast<std::size_t>(align);
    return end != 0 && rounded == static_cast<std::size_t>(object.bytesize());
  }

  /// Structs lie within structs: each must come to an end.
  bool structs_end() const {
    std::vector<bool> ends(objects_.size());
    for (bool more = true; more;) {
      more = false;
      for (flatbuffers::uoffset_t i = 0; i < objects_.size(); ++i) {
        if (ends[i]) continue;
        const auto& object = *objects_.Get(i);
        ends[i] = !object.is_struct() || std::ranges::all_of(*object.fields(), [&](const auto* field) {
          const auto& type = *field->type();
          auto base = type.base_type() == BaseType::Array ? type.element() : type.base_type();
          return base != BaseType::Obj || ends[static_cast<std::size_t>(type.index())];
        });
        more = more || ends[i];
      }
    }
    return std::ranges::all_of(ends, [](bool e) { return e; });
  }

  const flatbuffers::Vector<flatbuffers::Offset<reflection::Object>>& objects_;
  const flatbuffers::Vector<flatbuffers::Offset<reflection::Enum>>& enums_;
};

}  // namespace

std::size_t scalar_size(BaseType type) {
  switch (type) {
    case BaseType::Short:
    case BaseType::UShort:
      return 2;
    case BaseType::Int:
    case BaseType::UInt:
    case BaseType::Float:
      return 4;
    case BaseType::Long:
    case BaseType::ULong:
    case BaseType::Double:
      return 8;
    default:
      return 1;
  }
}

result<const reflection::Schema*> checked_schema(bytes_view binary_schema) {
  if (binary_schema.size() < 8 || binary_schema.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return fail(error_code::schema_damaged,
                "These bytes are no binary FlatBuffers schema: they are too few or too many.");
  }
  flatbuffers::Verifier verifier(binary_schema.data(), binary_schema.size());
  if (!reflection::VerifySchemaBuffer(verifier)) {
    return fail(error_code::schema_damaged, "These bytes are no binary FlatBuffers schema (bfbs).");
  }
  const auto* schema = reflection::GetSchema(binary_schema.data());
  auto fault = check(*schema).run();
  if (!fault.empty()) {
    return fail(error_code::schema_damaged,
                "The binary schema contradicts itself: " + fault + ". Make it anew with flatc.");
  }
  return schema;
}

}  // namespace quipu::journal
