#include <flatbuffers/idl.h>
#include <flatbuffers/reflection.h>
#include <quipu/journal/schema.hpp>

#include <array>
#include <string>

#include "format/schema_check.hpp"

namespace quipu::journal {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

flatbuffers::IDLOptions json_options() {
  flatbuffers::IDLOptions options;
  options.strict_json = true;
  options.indent_step = -1;  // one line
  options.output_default_scalars_in_json = true;
  options.allow_non_utf8 = true;  // an event must be shown whatever its strings hold; json_text() mends it
  options.natural_utf8 = true;
  return options;
}

void put_escaped(std::string& out, unsigned code) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(code >> shift) & 0xfU];
}

/// FlatBuffers prints bytes that are no UTF-8 as \xHH, which is no JSON, and leaves control characters and
/// the marks that reverse the direction of text as they are, which a terminal would obey. Those become U+FFFD
/// and \uHHHH.
std::string json_text(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  auto byte = [&](std::size_t i) { return i < raw.size() ? static_cast<unsigned char>(raw[i]) : 0U; };
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\' && byte(i + 1) == 'x') {
      out += "\\ufffd";
      i += 3;
    } else if (raw[i] == '\\') {
      out += raw[i++];
      if (i < raw.size()) out += raw[i];
    } else if (byte(i) < 0x20 || byte(i) == 0x7f) {
      put_escaped(out, byte(i));
    } else if (byte(i) == 0xc2 && byte(i + 1) >= 0x80 && byte(i + 1) < 0xa0) {
      put_escaped(out, byte(++i));
    } else if (byte(i) == 0xe2 && ((byte(i + 1) == 0x80 && byte(i + 2) >= 0xa8 && byte(i + 2) <= 0xae) ||
                                   (byte(i + 1) == 0x81 && byte(i + 2) >= 0xa6 && byte(i + 2) <= 0xa9))) {
      put_escaped(out, 0x2000U + ((byte(i + 1) & 0x3fU) << 6U) + (byte(i + 2) & 0x3fU));
      i += 2;
    } else {
      out += raw[i];
    }
  }
  return out;
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
  std::unique_ptr<flatbuffers::Parser> parser;

  bool load() {
    parser = std::make_unique<flatbuffers::Parser>(json_options());
    return parser->Deserialize(schema);
  }

  result<const reflection::Object*> table_named(std::string_view name) const {
    const auto* object = schema->objects()->LookupByKey(std::string(name).c_str());
    if (object == nullptr || object->is_struct()) {
      return fail(failure_kind::invalid, "The schema has no table " + std::string(name) + ".");
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
  if (!made->load()) {
    return fail(failure_kind::corrupt, "The binary schema cannot be loaded: " + plain(made->parser->error_));
  }
  return schema_reader(std::move(made));
}

result<void> schema_reader::verify(std::string_view table, bytes_view payload) const {
  auto object = state_->table_named(table);
  if (!object) return std::unexpected(std::move(object.error()));
  bytes copy;
  if (reinterpret_cast<std::uintptr_t>(payload.data()) % 8 != 0) {
    copy.assign(payload.begin(), payload.end());
    payload = copy;
  }
  bool holds = payload.size() >= sizeof(flatbuffers::uoffset_t) &&
               payload.size() < FLATBUFFERS_MAX_BUFFER_SIZE &&
               flatbuffers::Verify(*state_->schema, **object, payload.data(), payload.size());
  if (!holds) {
    return fail(failure_kind::corrupt, "The payload (" + std::to_string(payload.size()) +
                                           " bytes) is no well-formed buffer of table " + std::string(table) +
                                           ".");
  }
  return {};
}

result<std::string> schema_reader::to_json(std::string_view table, bytes_view payload) {
  if (auto held = verify(table, payload); !held) return std::unexpected(std::move(held.error()));
  bytes copy;
  if (reinterpret_cast<std::uintptr_t>(payload.data()) % 8 != 0) {
    copy.assign(payload.begin(), payload.end());
    payload = copy;
  }
  std::string text;
  const auto* root = flatbuffers::GetRoot<flatbuffers::Table>(payload.data());
  if (!flatbuffers::GenerateTextFromTable(*state_->parser, root, std::string(table), &text)) {
    return fail(failure_kind::corrupt,
                "The payload of table " + std::string(table) + " cannot be shown as JSON.");
  }
  return json_text(text);
}

result<bytes> schema_reader::from_json(std::string_view table, std::string_view json) {
  auto object = state_->table_named(table);
  if (!object) return std::unexpected(std::move(object.error()));
  if (json.find('\0') != std::string_view::npos) {
    return fail(failure_kind::invalid, "The JSON for " + std::string(table) + " holds a zero byte.");
  }
  auto& parser = *state_->parser;
  parser.opts.allow_non_utf8 = false;  // what is shown may hold anything, what comes in may not
  bool parsed = parser.SetRootType(std::string(table).c_str()) && parser.ParseJson(std::string(json).c_str());
  parser.opts.allow_non_utf8 = true;
  if (!parsed) {
    auto text = "The JSON is no " + std::string(table) + ": " + plain(parser.error_) + ".";
    // A parser that failed keeps fields that it had begun: the next one starts clean.
    state_->load();
    return fail(failure_kind::invalid, std::move(text));
  }
  const auto* data = parser.builder_.GetBufferPointer();
  return bytes(data, data + parser.builder_.GetSize());
}

}  // namespace quipu::journal
