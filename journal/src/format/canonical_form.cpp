#include <quipu/journal/schema.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "format/aligned_bytes.hpp"
#include "format/schema_check.hpp"

namespace quipu::journal {
namespace {

using reflection::BaseType;

std::string_view characters(const flatbuffers::String* text) { return {text->data(), text->size()}; }

std::string_view name_of(BaseType type) {
  static constexpr std::array<std::string_view, 18> names{
      "none", "utype", "bool",  "byte",   "ubyte",  "short",  "ushort", "int",   "uint",
      "long", "ulong", "float", "double", "string", "vector", "obj",    "union", "array"};
  auto index = static_cast<std::size_t>(type);
  return index < names.size() ? names[index] : "unknown";
}

/// The shortest text that reads back as the same number, the same on every machine.
std::string text_of(double number) {
  std::array<char, 64> room;
  auto end = std::to_chars(room.data(), room.data() + room.size(), number).ptr;
  return {room.data(), end};
}

class printer {
 public:
  explicit printer(const reflection::Schema& schema) : schema_(schema) {}

  std::string print() {
    out_ = "quipu schema 1\n";
    for (const auto* object : *schema_.objects()) print_object(*object);
    for (const auto* e : *schema_.enums()) print_enum(*e);
    return std::move(out_);
  }

 private:
  template <class... Parts>
  void put(const Parts&... parts) {
    (out_.append(parts), ...);
  }

  void put_single(BaseType type, std::int32_t index) {
    put(name_of(type));
    if (index < 0) return;
    auto at = static_cast<flatbuffers::uoffset_t>(index);
    put(" ", characters(type == BaseType::Obj ? schema_.objects()->Get(at)->name()
                                              : schema_.enums()->Get(at)->name()));
  }

  void put_type(const reflection::Type& type) {
    if (type.base_type() == BaseType::Vector) {
      put("[");
      put_single(type.element(), type.index());
      put("]");
    } else if (type.base_type() == BaseType::Array) {
      put("[");
      put_single(type.element(), type.index());
      put(":", std::to_string(type.fixed_length()), "]");
    } else {
      put_single(type.base_type(), type.index());
    }
  }

  /// Of all attributes only these change how a buffer is read and shown; what the others say either stands in
  /// the layout already (id, force_align, required …) or is about generated code.
  template <class Owner>
  void put_attributes(const Owner& owner) {
    if (owner.attributes() == nullptr) return;
    for (std::string_view known : {"bit_flags", "flexbuffer", "nested_flatbuffer"}) {
      for (const auto* attribute : *owner.attributes()) {
        if (attribute->key() == nullptr || characters(attribute->key()) != known) continue;
        put(" ", known);
        if (attribute->value() != nullptr && known == "nested_flatbuffer")
          put("=", characters(attribute->value()));
      }
    }
  }

  void print_object(const reflection::Object& object) {
    put(object.is_struct() ? "struct " : "table ", characters(object.name()));
    if (object.is_struct()) {
      put(" size=", std::to_string(object.bytesize()), " align=", std::to_string(object.minalign()));
    }
    put("\n");
    std::vector<const reflection::Field*> fields(object.fields()->begin(), object.fields()->end());
    std::ranges::sort(fields, {}, [](const reflection::Field* f) { return f->id(); });
    for (const auto* field : fields) print_field(object, *field);
  }

  void print_field(const reflection::Object& object, const reflection::Field& field) {
    put("  ", std::to_string(field.id()), " ", characters(field.name()), " ");
    put_type(*field.type());
    if (object.is_struct()) put(" at=", std::to_string(field.offset()));
    if (field.default_integer() != 0) put(" =", std::to_string(field.default_integer()));
    if (field.default_real() != 0) put(" =", text_of(field.default_real()));
    if (field.required()) put(" required");
    // Only for scalars does it say something, and only newer generators write it for the others.
    if (field.optional() && field.type()->base_type() <= BaseType::Double) put(" optional");
    if (field.deprecated()) put(" deprecated");
    if (field.key()) put(" key");
    put_attributes(field);
    put("\n");
  }

  void print_enum(const reflection::Enum& e) {
    put(e.is_union() ? "union " : "enum ", characters(e.name()), " ",
        name_of(e.underlying_type()->base_type()));
    put_attributes(e);
    put("\n");
    std::vector<const reflection::EnumVal*> values(e.values()->begin(), e.values()->end());
    std::ranges::sort(values, {}, [](const auto* v) { return std::pair(v->value(), characters(v->name())); });
    for (const auto* value : values) {
      put("  ", std::to_string(value->value()), " ", characters(value->name()));
      if (e.is_union()) {
        put(" ");
        put_single(value->union_type()->base_type(),
                   value->union_type()->base_type() == BaseType::Obj ? value->union_type()->index() : -1);
      }
      put("\n");
    }
  }

  const reflection::Schema& schema_;
  std::string out_;
};

}  // namespace

result<std::string> canonical_form(bytes_view binary_schema) {
  aligned_bytes data(binary_schema);
  auto schema = checked_schema(data.view());
  if (!schema) return std::unexpected(std::move(schema.error()));
  return printer(**schema).print();
}

result<id128> schema_hash(bytes_view binary_schema) {
  auto text = canonical_form(binary_schema);
  if (!text) return std::unexpected(std::move(text.error()));
  return checksum_of(as_bytes(*text));
}

result<std::vector<std::string>> table_names(bytes_view binary_schema) {
  aligned_bytes data(binary_schema);
  auto schema = checked_schema(data.view());
  if (!schema) return std::unexpected(std::move(schema.error()));
  std::vector<std::string> names;
  for (const auto* object : *(*schema)->objects()) {
    if (!object->is_struct()) names.push_back(object->name()->str());
  }
  return names;
}

}  // namespace quipu::journal
