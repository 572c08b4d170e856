#include "reading/commit_json.hpp"

#include <utility>

namespace quipu::tool {
namespace {

json header_value(bytes_view value) {
  auto text = as_text(value);
  return is_utf8(text) ? json(text) : json{{"bytes", hex(value)}};
}

}  // namespace

json headers_json(const journal::record_view& in, const journal::commit_view& commit) {
  auto all = json::object();
  for (std::uint32_t i = 0; i < commit.header_count; ++i) {
    auto header = in.header(commit, i);
    auto name = valid_utf8(header.name);
    auto value = header_value(header.value);
    if (!all.contains(name)) {
      all[name] = std::move(value);
    } else if (all[name].is_array()) {
      all[name].push_back(std::move(value));
    } else {
      all[name] = json::array({std::move(all[name]), std::move(value)});
    }
  }
  return all;
}

std::string reaction_text(const command_source& source) { return id128{0, source.reaction}.hex().substr(16); }

json source_json(const command_source& source) {
  return {{"reaction", reaction_text(source)},
          {"at", position_text(source.at)},
          {"index", source.index},
          {"settled", position_text(source.settled)}};
}

void put_payload(json& into, const journal::type_ref& type, bytes_view payload, const shown_payload& shown) {
  into["type"] = valid_utf8(type.name);
  into["schema"] = type.schema.hex();
  auto parsed = shown.json.empty() ? json(json::value_t::discarded) : json::parse(shown.json, nullptr, false);
  if (!parsed.is_discarded()) {
    into["payload"] = std::move(parsed);
    return;
  }
  into["payload"] = nullptr;
  into["payload_bytes"] = hex(payload);
  into["payload_error"] =
      valid_utf8(shown.reason.empty() ? "JSON has no word for it: " + shown.json : shown.reason);
}

std::string payload_text(bytes_view payload, const shown_payload& shown) {
  if (!shown.json.empty()) return printable(shown.json);
  return "bytes " + hex(payload) + " (" + printable(shown.reason) + ")";
}

void put_origin(json& into, const journal::record_view& in, const journal::commit_view& commit) {
  if (commit.header_count > 0) into["headers"] = headers_json(in, commit);
  if (commit.trace) into["trace"] = commit.trace.hex();
  if (commit.causation) into["causation"] = commit.causation.hex();
  if (commit.source) into["source"] = source_json(*commit.source);
}

std::string origin_text(const journal::record_view& in, const journal::commit_view& commit) {
  std::string text;
  auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (commit.causation) add("caused by " + commit.causation.hex());
  if (commit.source)
    add("sent by the reaction " + reaction_text(*commit.source) + " for the event at " +
        position_text(commit.source->at) + " (command " + std::to_string(commit.source->index) + ")");
  if (commit.trace) add("trace " + commit.trace.hex());
  if (commit.header_count > 0) add("headers " + printable(line_of(headers_json(in, commit))));
  return text;
}

}  // namespace quipu::tool
