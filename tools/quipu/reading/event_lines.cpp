#include "reading/event_lines.hpp"

#include <quipu/journal/record.hpp>
#include <utility>

namespace quipu::tool {
namespace {

std::string place_of(const placed_event& event) { return "the event at " + position_text(event.at()); }

/// Header values are any bytes: text where they are UTF-8.
json header_value(bytes_view value) {
  auto text = as_text(value);
  return is_utf8(text) ? json(text) : json{{"bytes", hex(value)}};
}

/// A name that occurs twice holds a list.
json headers_of(const placed_event& event) {
  auto all = json::object();
  for (std::uint32_t i = 0; i < event.commit.header_count; ++i) {
    auto header = event.record.view.header(event.commit, i);
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

json source_of(const command_source& source) {
  return {{"reaction", id128{0, source.reaction}.hex().substr(16)},
          {"at", position_text(source.at)},
          {"index", source.index},
          {"settled", position_text(source.settled)}};
}

}  // namespace

const char* const event_keys_help =
    R"(Keys of --json, one object a line:
  position       "RECORD:INDEX", as --from takes it
  id             "category/key@sequence": what the event is called for ever
  category, key  the key as in the id, with \xHH for bytes that are not printable ASCII
  sequence       number of the event within its entity, from 1
  time           ISO 8601, UTC, microseconds
  partition, epoch
  command        id of the command that caused it, 32 hexadecimal digits
  headers        name: text, or {"bytes": HEX}, or a list of them; absent without headers
  trace, causation   absent where there is none
  source         where a reaction sent the command: reaction (hash of its name, HEX), at (position of the event that it
                 follows from), index (which of its commands), settled (up to where the reaction is done)
  type, schema   of the payload: table name, hash of the schema
  payload        an object; null where it cannot be decoded: then payload_bytes (HEX) and payload_error say what and why;
                 with --raw payload_bytes stands alone
  after_expiry   true with the event by which an entity begins again after its time to live
  ended          true with the last event of an entity's life
  reply          with the last event of a command: type, schema, payload)";

std::string event_lines::line_of(const placed_event& event) {
  return format_.as_json ? tool::line_of(json_of(event)) : text_of(event);
}

shown_payload event_lines::show(const journal::type_ref& type, bytes_view payload, const std::string& where) {
  auto shown = payloads_.show(type, payload);
  if (shown.damaged) {
    found_damage_ = true;
    out_.flush();
    complain(where + ": " + shown.reason);
  }
  return shown;
}

std::string event_lines::text_of(const placed_event& event) {
  const auto& commit = event.commit;
  const auto type = event.type();
  auto line = position_text(event.at()) + "  " + time_text(commit.time_us) + "  " +
              journal::event_id(commit.category, commit.key, event.sequence()) + "  " + printable(type.name) +
              "  ";
  if (event.is_first() && commit.after_expiry) line += "(after expiry)  ";
  if (format_.raw) return line + "bytes " + hex(event.payload());
  auto shown = show(type, event.payload(), place_of(event));
  if (!shown.json.empty()) return line + printable(shown.json);
  return line + "bytes " + hex(event.payload()) + " (" + printable(shown.reason) + ")";
}

void event_lines::put_payload(json& into, const journal::type_ref& type, bytes_view payload,
                              const std::string& where) {
  into["type"] = valid_utf8(type.name);
  into["schema"] = type.schema.hex();
  if (format_.raw) {
    into["payload_bytes"] = hex(payload);
    return;
  }
  auto shown = show(type, payload, where);
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

json event_lines::json_of(const placed_event& event) {
  const auto& commit = event.commit;
  json out{{"position", position_text(event.at())},
           {"id", journal::event_id(commit.category, commit.key, event.sequence())},
           {"category", commit.category},
           {"key", journal::escape_key(commit.key)},
           {"sequence", event.sequence()},
           {"time", time_text(commit.time_us)},
           {"partition", event.record.stored.partition},
           {"epoch", event.record.view.stamp().epoch},
           {"command", commit.command.hex()}};
  if (commit.header_count > 0) out["headers"] = headers_of(event);
  if (commit.trace) out["trace"] = commit.trace.hex();
  if (commit.causation) out["causation"] = commit.causation.hex();
  if (commit.source) out["source"] = source_of(*commit.source);
  put_payload(out, event.type(), event.payload(), place_of(event));
  if (event.is_first() && commit.after_expiry) out["after_expiry"] = true;
  if (event.is_last() && commit.ended) out["ended"] = true;
  if (event.is_last() && commit.has_reply) {
    json reply;
    put_payload(reply, event.record.view.type(commit.reply_type), commit.reply,
                "the reply stored with the event at " + position_text(event.at()));
    out["reply"] = std::move(reply);
  }
  return out;
}

}  // namespace quipu::tool
