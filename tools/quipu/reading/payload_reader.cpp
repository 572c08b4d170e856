#include "reading/payload_reader.hpp"

#include <utility>

namespace quipu::tool {

payload_reader::payload_reader(std::vector<journal::stored_schema> schemas, journal::journal* growing)
    : growing_(growing) {
  add(std::move(schemas));
}

void payload_reader::add(std::vector<journal::stored_schema> schemas) {
  for (auto& schema : schemas) schemas_.try_emplace(schema.hash, entry{.binary = std::move(schema.binary)});
}

/// A schema is stored before the first record that names it: it is asked for once.
payload_reader::entry* payload_reader::find(const id128& hash) {
  auto found = schemas_.find(hash);
  if (found == schemas_.end() && growing_ != nullptr && missing_.insert(hash).second) {
    if (auto now = growing_->schemas()) add(std::move(*now));
    found = schemas_.find(hash);
  }
  return found == schemas_.end() ? nullptr : &found->second;
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
  auto* found = find(type.schema);
  if (found == nullptr) return {.json = {}, .reason = "the journal has no schema " + type.schema.hex()};
  auto& schema = *found;
  if (!schema.reader && schema.trouble.empty()) load(schema, type.schema);
  if (!schema.reader) return {.json = {}, .reason = schema.trouble, .damaged = true};
  auto text = schema.reader->to_json(type.name, payload);
  if (!text) return {.json = {}, .reason = std::move(text.error().text), .damaged = true};
  return {.json = std::move(*text), .reason = {}};
}

}  // namespace quipu::tool
