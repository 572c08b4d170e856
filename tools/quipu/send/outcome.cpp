#include "send/outcome.hpp"

#include "reading/commit_json.hpp"

namespace quipu::tool {
namespace {

json object_of(const sent_outcome& what, payload_reader& payloads) {
  json out{{"entity", what.category + "/" + journal::escape_key(what.key)},
           {"command", what.command.hex()},
           {"dry_run", what.dry_run},
           {"accepted", !what.rejected.has_value()},
           {"repeat", what.repeat}};
  if (what.rejected) {
    out["code"] = valid_utf8(what.rejected->code);
    out["text"] = valid_utf8(what.rejected->text);
  }
  out["sequence"] = what.sequence;
  if (what.at) out["position"] = position_text(*what.at);
  out["events"] = json::array();
  for (const auto& event : what.events) {
    json one{{"id", journal::event_id(what.category, what.key, event.sequence)},
             {"sequence", event.sequence}};
    if (event.at) one["position"] = position_text(*event.at);
    const journal::type_ref type{event.type, event.schema};
    put_payload(one, type, event.payload, payloads.show(type, event.payload));
    out["events"].push_back(std::move(one));
  }
  if (what.ended) out["ended"] = true;
  if (!what.reply_type.empty()) {
    const journal::type_ref type{what.reply_type, what.reply_schema};
    json reply;
    put_payload(reply, type, what.reply, payloads.show(type, what.reply));
    out["reply"] = std::move(reply);
  }
  if (what.dry_run) out["changes"] = changes_json(what.changes);
  return out;
}

void print_text(const sent_outcome& what, payload_reader& payloads, output& out) {
  const auto entity = what.category + "/" + journal::escape_key(what.key);
  if (what.repeat)
    out.line("a repeat: the command took effect before, as event " + std::to_string(what.sequence) + " of " +
             entity);
  if (what.rejected)
    out.line("rejected  " + printable(what.rejected->code) +
             (what.rejected->text.empty() ? "" : "  " + printable(what.rejected->text)));
  for (const auto& event : what.events) {
    const journal::type_ref type{event.type, event.schema};
    out.line((event.at ? position_text(*event.at) : std::string("-")) + "  " +
             journal::event_id(what.category, what.key, event.sequence) + "  " + printable(event.type) +
             "  " + payload_text(event.payload, payloads.show(type, event.payload)));
  }
  for (const auto& change : what.changes) out.line("  " + change_text(change));
  if (what.ended) out.line("  (ended)");
  if (!what.reply_type.empty()) {
    const journal::type_ref type{what.reply_type, what.reply_schema};
    out.line("reply  " + printable(what.reply_type) + "  " +
             payload_text(what.reply, payloads.show(type, what.reply)));
  }
  if (what.rejected || what.repeat) return;
  if (what.events.empty()) out.line("accepted, without an event");
  out.line(what.dry_run ? "dry run: nothing was written" : "done  command " + what.command.hex());
}

}  // namespace

exit_code print(const sent_outcome& what, payload_reader& payloads, bool as_json, output& out) {
  if (as_json)
    out.line(line_of(object_of(what, payloads)));
  else
    print_text(what, payloads, out);
  return what.rejected ? exit_code::found_wrong : exit_code::done;
}

}  // namespace quipu::tool
