#include "copying/export_writer.hpp"

#include "copying/encoded_bytes.hpp"

namespace quipu::tool {
namespace {

std::string quoted(const std::string& ascii) { return '"' + ascii + '"'; }
std::string number(std::uint64_t value) { return std::to_string(value); }

/// A member of an object, with the comma before it.
std::string member(std::string_view key, const std::string& value) {
  return ",\"" + std::string(key) + "\":" + value;
}

/// Any bytes: text where they are UTF-8.
std::string text_or_bytes(std::string_view text) {
  if (is_utf8(text)) return line_of(json(text));
  return "{\"base64\":" + quoted(to_base64(as_bytes(text))) + "}";
}

std::string reaction_text(std::uint64_t reaction) { return id128{0, reaction}.hex().substr(16); }

std::string source_text(const command_source& source) {
  return "{\"reaction\":" + quoted(reaction_text(source.reaction)) +
         member("at", quoted(position_text(source.at))) + member("index", number(source.index)) +
         member("settled", quoted(position_text(source.settled))) + "}";
}

std::string head_text(const export_head& head) {
  const auto& about = head.about;
  auto text = "\"kind\":\"header\"" + member("format", quoted(std::string(export_format_name))) +
              member("version", number(export_version)) +
              ",\"journal\":{\"lineage\":" + quoted(about.lineage.hex()) +
              member("incarnation", quoted(about.incarnation.hex())) +
              member("partitions", number(about.partitions)) +
              member("max_record_bytes", number(about.max_record_bytes)) +
              member("created", std::to_string(about.created_us)) +
              member("creator", text_or_bytes(about.creator)) + "}";
  if (head.from) text += member("from", number(*head.from));
  if (head.to) text += member("to", number(*head.to));
  text += ",\"schemas\":[";
  const char* between = "";
  for (const auto& schema : head.schemas) {
    text += std::exchange(between, ",") + ("{\"hash\":" + quoted(schema.hash.hex())) +
            member("base64", quoted(to_base64(schema.binary))) + "}";
  }
  return text + "]}";
}

}  // namespace

export_writer::export_writer(const export_head& head, bool with_json, output& to)
    : payloads_(head.schemas), with_json_(with_json), to_(to) {
  line(head_text(head));
}

void export_writer::line(const std::string& rest) {
  to_.line("{\"sum\":" + quoted(sums_.next(rest)) + "," + rest);
}

void export_writer::put(const journal::stored_record& stored, const journal::record_view& view) {
  const auto stamp = view.stamp();
  auto text = std::string(view.is_claim() ? "\"kind\":\"claim\"" : "\"kind\":\"record\"") +
              member("record", number(stored.number)) + member("partition", number(stored.partition)) +
              member("epoch", number(stamp.epoch)) + member("id", quoted(stamp.id.hex())) +
              member("time", std::to_string(stamp.time_us));
  text += view.is_claim() ? member("owner", text_or_bytes(view.owner()))
                          : member("commits", number(view.commit_count()));
  line(text + "}");
  ++counts_.records;
  for (std::uint32_t i = 0; i < view.commit_count(); ++i) put_commit(stored, view, view.commit_at(i));
}

void export_writer::put_commit(const journal::stored_record& stored, const journal::record_view& view,
                               const journal::commit_view& commit) {
  auto text = "\"kind\":\"commit\"" +
              member("position", quoted(position_text(position::of(stored.number, commit.first_event)))) +
              member("category", quoted(std::string(commit.category))) +
              member("key", line_of(json(journal::escape_key(commit.key)))) +
              member("sequence", number(commit.first_sequence)) +
              member("time", std::to_string(commit.time_us)) +
              member("command", quoted(commit.command.hex())) +
              member("body_hash", quoted(reaction_text(commit.body_hash)));
  if (commit.after_expiry) text += member("after_expiry", "true");
  if (commit.ended) text += member("ended", "true");
  if (commit.header_count > 0) {
    text += ",\"headers\":[";
    for (std::uint32_t i = 0; i < commit.header_count; ++i) {
      const auto header = view.header(commit, i);
      text += (i == 0 ? "[" : ",[") + text_or_bytes(header.name) + "," +
              text_or_bytes(as_text(header.value)) + "]";
    }
    text += "]";
  }
  if (commit.trace) text += member("trace", quoted(commit.trace.hex()));
  if (commit.causation) text += member("causation", quoted(commit.causation.hex()));
  if (commit.source) text += member("source", source_text(*commit.source));
  text += ",\"events\":[";
  for (std::uint32_t i = 0; i < commit.event_count; ++i) {
    const auto event = commit.event(i);
    text += (i == 0 ? "{" : ",{") + payload_fields(view.type(event.type), event.payload) + "}";
  }
  text += "]";
  if (commit.has_reply)
    text += ",\"reply\":{" + payload_fields(view.type(commit.reply_type), commit.reply) + "}";
  line(text + "}");
  ++counts_.commits;
  counts_.events += commit.event_count;
}

std::string export_writer::payload_fields(const journal::type_ref& type, bytes_view payload) {
  auto text = "\"type\":" + text_or_bytes(type.name) + member("schema", quoted(type.schema.hex()));
  if (with_json_) {
    // For people; what cannot be decoded is in the bytes, and `journal verify` names it.
    auto shown = payloads_.show(type, payload);
    if (!shown.json.empty() && json::accept(shown.json)) text += member("payload", shown.json);
  }
  return text + member("base64", quoted(to_base64(payload)));
}

void export_writer::put_lost(record_number first, record_number last, const std::string& why) {
  line("\"kind\":\"lost\"" + member("record", number(first)) + member("last_record", number(last)) +
       member("why", line_of(json(valid_utf8(why)))) + "}");
}

void export_writer::finish() {
  line("\"kind\":\"end\"" + member("records", number(counts_.records)) +
       member("commits", number(counts_.commits)) + member("events", number(counts_.events)) + "}");
}

}  // namespace quipu::tool
