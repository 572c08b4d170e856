#include "reading/event_lines.hpp"

#include <quipu/journal/record.hpp>
#include <utility>

#include "reading/commit_json.hpp"

namespace quipu::tool {
namespace {

std::string place_of(const placed_event& event) { return "the event at " + position_text(event.at()); }

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
  const auto shown = show(type, event.payload(), place_of(event));
  return line + payload_text(event.payload(), shown);
}

void event_lines::put_payload(json& into, const journal::type_ref& type, bytes_view payload,
                              const std::string& where) {
  if (!format_.raw) return tool::put_payload(into, type, payload, show(type, payload, where));
  into["type"] = valid_utf8(type.name);
  into["schema"] = type.schema.hex();
  into["payload_bytes"] = hex(payload);
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
  put_origin(out, event.record.view, commit);
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
