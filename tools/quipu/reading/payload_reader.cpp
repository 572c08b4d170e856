#include "reading/payload_reader.hpp"

#include <utility>

namespace quipu::tool {

payload_reader::payload_reader(std::vector<journal::stored_schema> schemas) {
  for (auto& schema : schemas) schemas_.emplace(schema.hash, entry{.binary = std::move(schema.binary)});
}

void payload_reader::load(entry& schema, const id128& hash) {
  auto actual = journal::schema_hash(schema.binary);
  if (actual && *actual != hash) {
    schema.trouble =
        "schema " + hash.hex() + " is damaged: what is stored under it has the hash " + actual->hex();
    return;
  }
  auto opened = journal::schema_reader::open(std::move(schema.binary));
  if (opened) {
    schema.reader.emplace(std::move(*opened));
  } else {
    schema.trouble = "schema " + hash.hex() + " is damaged: " + opened.error().text;
  }
}

shown_payload payload_reader::show(const journal::type_ref& type, bytes_view payload) {
  auto found = schemas_.find(type.schema);
  if (found == schemas_.end()) {
    return {.json = {}, .reason = "the journal has no schema " + type.schema.hex()};
  }
  auto& schema = found->second;
  if (!schema.reader && schema.trouble.empty()) load(schema, type.schema);
  if (!schema.reader) return {.json = {}, .reason = schema.trouble, .damaged = true};
  auto text = schema.reader->to_json(type.name, payload);
  if (!text) return {.json = {}, .reason = std::move(text.error().text), .damaged = true};
  return {.json = std::move(*text), .reason = {}};
}

}  // namespace quipu::tool
