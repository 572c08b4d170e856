#include <flatbuffers/idl.h>
#include <quipu/journal/schema.hpp>

#include <functional>
#include <map>
#include <string>

#include "format/aligned_bytes.hpp"
#include "format/payload_check.hpp"
#include "format/payload_json.hpp"
#include "format/schema_check.hpp"

namespace quipu::journal {
namespace {

flatbuffers::IDLOptions parser_options() {
  flatbuffers::IDLOptions options;
  // Buffers within buffers are shown as the bytes that they are, so they are read as bytes, too.
  options.json_nested_flatbuffers = false;
  options.json_nested_flexbuffers = false;
  return options;
}

/// The parser's errors begin with a file name that there is not and say "error: ".
std::string plain(std::string text) {
  if (auto at = text.find("error: "); at != std::string::npos) text.erase(0, at + 7);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

struct schema_reader::state {
  bytes binary;
  const reflection::Schema* schema = nullptr;
  /// Made when JSON is first parsed: to show and to verify payloads takes the schema alone.
  std::unique_ptr<flatbuffers::Parser> parser;
  /// The tables that were asked for: checking a small payload takes no longer than finding its table.
  mutable std::map<std::string, const reflection::Object*, std::less<>> known;

  result<const reflection::Object*> table_named(std::string_view name) const {
    if (const auto found = known.find(name); found != known.end()) return found->second;
    const auto* object = schema->objects()->LookupByKey(std::string(name).c_str());
    if (object == nullptr || object->is_struct()) {
      return fail(error_code::schema_no_table, "The schema has no table " + std::string(name) + ".");
    }
    known.emplace(name, object);
    return object;
  }

  result<const reflection::Object*> table_of(std::string_view name, bytes_view payload) const {
    auto object = table_named(name);
    if (object && !payload_holds(*schema, **object, payload)) {
      return fail(error_code::schema_payload, "The payload (" + std::to_string(payload.size()) +
                                                  " bytes) is no well-formed buffer of table " +
                                                  std::string(name) + ".");
    }
    return object;
  }
};

schema_reader::schema_reader(std::unique_ptr<state> loaded) : state_(std::move(loaded)) {}
schema_reader::~schema_reader() = default;
schema_reader::schema_reader(schema_reader&&) noexcept = default;
schema_reader& schema_reader::operator=(schema_reader&&) noexcept = default;

result<schema_reader> schema_reader::open(bytes binary_schema) {
  auto made = std::make_unique<state>();
  made->binary = std::move(binary_schema);
  auto schema = checked_schema(made->binary);
  if (!schema) return std::unexpected(std::move(schema.error()));
  made->schema = *schema;
  return schema_reader(std::move(made));
}

result<void> schema_reader::verify(std::string_view table, bytes_view payload) const {
  aligned_bytes aligned(payload);
  auto object = state_->table_of(table, aligned.view());
  if (!object) return std::unexpected(std::move(object.error()));
  return {};
}

result<std::string> schema_reader::to_json(std::string_view table, bytes_view payload) {
  aligned_bytes aligned(payload);
  auto object = state_->table_of(table, aligned.view());
  if (!object) return std::unexpected(std::move(object.error()));
  return payload_json(*state_->schema, **object, aligned.view());
}

result<bytes> schema_reader::from_json(std::string_view table, std::string_view json) {
  auto object = state_->table_named(table);
  if (!object) return std::unexpected(std::move(object.error()));
  if (json.find('\0') != std::string_view::npos) {
    return fail(error_code::schema_json, "The JSON for " + std::string(table) + " holds a zero byte.");
  }
  if (!state_->parser) {
    state_->parser = std::make_unique<flatbuffers::Parser>(parser_options());
    if (!state_->parser->Deserialize(state_->schema)) {
      state_->parser.reset();
      return fail(error_code::schema_damaged,
                  "FlatBuffers cannot load the schema of " + std::string(table) + ".");
    }
  }
  auto& parser = *state_->parser;
  if (!parser.SetRootType(std::string(table).c_str()) || !parser.ParseJson(std::string(json).c_str())) {
    auto text = "The JSON is no " + std::string(table) + ": " + plain(parser.error_) + ".";
    state_->parser.reset();  // one that failed keeps fields that it had begun: the next parse starts clean
    return fail(error_code::schema_json, std::move(text));
  }
  const auto* data = parser.builder_.GetBufferPointer();
  return bytes(data, data + parser.builder_.GetSize());
}

}  // namespace quipu::journal
