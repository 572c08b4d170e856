#include "writer.hpp"

#include "cpp_names.hpp"
#include "null_paths.hpp"
#include "shape.hpp"

#include <flatbuffers/reflection_generated.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <stdexcept>

namespace quipu::schema_tool {

namespace {

// "//money/units.fbs" -> "units"; empty where the schema does not say.
std::string stem_of(const flatbuffers::String* file) {
  if (file == nullptr) return {};
  std::string name = file->str();
  name.erase(0, name.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

std::string hex(std::uint64_t number) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[(number >> static_cast<unsigned>(shift)) & 15U];
  return text;
}

// Two schemas of one name may meet in one program, so the embedded array is named after its content too.
std::string array_name(const std::string& stem, const std::vector<std::uint8_t>& binary) {
  fnv1a hash;
  hash.add(binary.data(), binary.size());
  std::string name = stem;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return "schema_of_" + name + "_" + hex(hash.value());
}

std::string array_of(const std::string& name, const std::vector<std::uint8_t>& binary) {
  std::string text =
      "namespace quipu::embedded {\nalignas(16) inline constexpr std::uint8_t " + name + "[] = {";
  for (std::size_t i = 0; i < binary.size(); ++i)
    text += (i % 24 == 0 ? "\n" : "") + std::to_string(binary[i]) + ",";
  return text + "\n};\n}  // namespace quipu::embedded\n\n";
}

void refuse_foreign_objects(const reflection::Object& table) {
  if (table.attributes() == nullptr) return;
  for (const auto* attribute : *table.attributes())
    if (attribute->key()->string_view() == "native_type")
      throw std::runtime_error(
          table.name()->str() +
          " has the attribute native_type: Quipu stores objects of flatc's own object API only");
}

std::string in_namespace(const std::string& space, const std::string& code) {
  if (space.empty()) return code;
  return "namespace " + space + " {\n" + code + "}  // namespace " + space + "\n";
}

}  // namespace

std::string quipu_header(const std::vector<std::uint8_t>& binary, const std::string& stem,
                         const std::string& generated_header) {
  flatbuffers::Verifier verifier(binary.data(), binary.size());
  if (!reflection::VerifySchemaBuffer(verifier)) throw std::runtime_error("this is no binary schema");
  const auto& schema = *reflection::GetSchema(binary.data());

  std::vector<const reflection::Object*> own;
  std::set<std::string> included;
  for (const auto* object : *schema.objects()) {
    const std::string file = stem_of(object->declaration_file());
    if (!file.empty() && file != stem)
      included.insert(file);
    else if (!object->is_struct())
      own.push_back(object);
  }

  std::string text = "// Made by quipu-schema from " + stem + ".fbs; changes get lost.\n#pragma once\n\n";
  text += "#include \"" + generated_header + "\"\n";
  for (const auto& file : included) text += "#include \"" + file + "_quipu.hpp\"\n";
  text += "#include <quipu/journal/id.hpp>\n\n#include <cstddef>\n#include <cstdint>\n#include <string>\n\n";
  const std::string array = array_name(stem, binary);
  text += array_of(array, binary);

  // Declarations first: tables may hold each other in any order.
  for (const auto* table : own) {
    refuse_foreign_objects(*table);
    const cpp_name name = split(table->name()->string_view());
    const std::string argument = "(const " + name.name + "T*) { return ";
    text += in_namespace(
        name.space, "inline ::quipu::bytes_view quipu_schema_of" + argument + "::quipu::embedded::" + array +
                        "; }\ninline std::uint64_t quipu_shape_of" + argument + "0x" +
                        hex(shape_of(schema, *table)) + "U; }\nconstexpr bool quipu_has_union" + argument +
                        (has_union(schema, *table) ? "true" : "false") +
                        "; }\ninline std::string quipu_find_null(const " + name.name + "T& t);\n");
  }
  text += "\n";
  const null_paths nulls(schema);
  for (const auto* table : own) {
    const cpp_name name = split(table->name()->string_view());
    const std::string signature = "inline std::string quipu_find_null(const " + name.name + "T&";
    text += in_namespace(name.space, nulls.possible(*table)
                                         ? signature + " t) {\n" + nulls.body(*table) + "  return {};\n}\n"
                                         : signature + ") { return {}; }\n");
  }
  return text;
}

}  // namespace quipu::schema_tool
