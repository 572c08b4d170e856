#include "null_paths.hpp"

#include "cpp_names.hpp"

#include <algorithm>

namespace quipu::schema_tool {

namespace {

std::string member(const reflection::Field& field) { return escaped(field.name()->string_view()); }

bool has_attribute(const reflection::Field& field, std::string_view name) {
  if (field.attributes() == nullptr) return false;
  return std::any_of(field.attributes()->begin(), field.attributes()->end(),
                     [name](const reflection::KeyValue* a) { return a->key()->string_view() == name; });
}

// A C++ expression that says where: `place` is an expression already, or empty for the object itself.
std::string quoted(const std::string& text) { return "std::string(\"" + text + "\")"; }

}  // namespace

std::vector<const reflection::Field*> in_order(const reflection::Object& table) {
  std::vector<const reflection::Field*> fields(table.fields()->begin(), table.fields()->end());
  std::sort(fields.begin(), fields.end(), [](const auto* a, const auto* b) { return a->id() < b->id(); });
  return fields;
}

null_paths::null_paths(const reflection::Schema& schema)
    : schema_(schema), possible_(schema.objects()->size(), false) {
  // Tables hold each other, so this is a fixed point: a table counts once anything in it does.
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto* object : *schema.objects()) {
      if (object->is_struct() || possible(*object)) continue;
      if (std::any_of(object->fields()->begin(), object->fields()->end(),
                      [this](const reflection::Field* field) { return possible_in(*field); })) {
        possible_[index_of(*object)] = true;
        changed = true;
      }
    }
  }
}

std::size_t null_paths::index_of(const reflection::Object& table) const {
  for (flatbuffers::uoffset_t i = 0; i < schema_.objects()->size(); ++i)
    if (schema_.objects()->Get(i) == &table) return i;
  return schema_.objects()->size();
}

const reflection::Object* null_paths::table_at(int index) const {
  return schema_.objects()->Get(static_cast<flatbuffers::uoffset_t>(index));
}

bool null_paths::possible(const reflection::Object& table) const { return possible_[index_of(table)]; }

bool null_paths::possible_in(const reflection::Field& field) const {
  if (field.deprecated()) return false;
  const auto* type = field.type();
  switch (type->base_type()) {
    case reflection::Obj: {
      if (has_attribute(field, "native_inline")) return false;
      const auto* held = table_at(type->index());
      return field.required() || (!held->is_struct() && possible(*held));
    }
    case reflection::Union:
      return true;
    case reflection::Vector:
      return type->element() == reflection::Union ||
             (type->element() == reflection::Obj && !table_at(type->index())->is_struct());
    default:
      return false;
  }
}

std::string null_paths::union_check(int index, const std::string& access, const std::string& place,
                                    bool needed, const std::string& indent) const {
  const auto* held = schema_.enums()->Get(static_cast<flatbuffers::uoffset_t>(index));
  std::string code;
  if (needed)
    code +=
        indent + "if (static_cast<int>(" + access + ".type) == 0) return " + place + " + \" is not set\";\n";
  code += indent + "if (static_cast<int>(" + access + ".type) != 0 && " + access +
          ".value == nullptr) return " + place + " + \" is null\";\n";
  for (const auto* value : *held->values()) {
    if (value->union_type() == nullptr || value->union_type()->base_type() != reflection::Obj) continue;
    const auto* table = table_at(value->union_type()->index());
    if (table->is_struct() || !possible(*table)) continue;
    code += indent + "if (static_cast<int>(" + access + ".type) == " + std::to_string(value->value()) + ")\n";
    code += indent + "  if (auto in = quipu_find_null(*static_cast<const " +
            object_type(table->name()->string_view()) + "*>(" + access + ".value)); !in.empty()) return " +
            place + " + \".\" + in;\n";
  }
  return code;
}

std::string null_paths::check(const reflection::Field& field) const {
  const auto* type = field.type();
  const std::string access = "t." + member(field);
  const std::string name = field.name()->str();
  if (type->base_type() == reflection::Union)
    return union_check(type->index(), access, quoted(name), field.required(), "  ");

  if (type->base_type() == reflection::Obj) {
    const auto* held = table_at(type->index());
    std::string code;
    if (field.required()) code += "  if (!" + access + ") return \"" + name + " is null\";\n";
    if (!held->is_struct() && possible(*held))
      code += "  if (" + access + ")\n    if (auto in = quipu_find_null(*" + access +
              "); !in.empty()) return \"" + name + ".\" + in;\n";
    return code;
  }

  const std::string place = quoted(name + "[") + " + std::to_string(i) + \"]\"";
  std::string code = "  for (std::size_t i = 0; i < " + access + ".size(); ++i) {\n";
  if (type->element() == reflection::Union) {
    code += union_check(type->index(), access + "[i]", place, true, "    ");
  } else {
    code += "    if (!" + access + "[i]) return " + place + " + \" is null\";\n";
    if (possible(*table_at(type->index())))
      code += "    if (auto in = quipu_find_null(*" + access + "[i]); !in.empty()) return " + place +
              " + \".\" + in;\n";
  }
  return code + "  }\n";
}

std::string null_paths::body(const reflection::Object& table) const {
  std::string code;
  for (const auto* field : in_order(table))
    if (possible_in(*field)) code += check(*field);
  return code;
}

}  // namespace quipu::schema_tool
