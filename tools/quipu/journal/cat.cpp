/// quipu journal cat
#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <quipu/journal/open.hpp>
#include <string>
#include <utility>

#include "command.hpp"
#include "reading/entity_name.hpp"
#include "reading/payload_reader.hpp"
#include "reading/position_argument.hpp"
#include "reading/record_walk.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string url;
  std::string from;
  std::string entity;
  std::string type;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  bool as_json = false;
};

/// Which events to print.
struct selection {
  position from;
  std::optional<entity_name> entity;
  std::string type;  ///< empty: any

  bool takes(const journal::commit_view& commit) const {
    return !entity || (entity->key == commit.key && entity->category == commit.category);
  }
};

/// What is known of an event when it is printed.
struct event_line {
  position at;
  std::uint64_t sequence = 0;
  bool first_of_commit = false;
  bool last_of_commit = false;
  journal::type_ref type;
  bytes_view payload;
};

class printer {
 public:
  printer(std::vector<journal::stored_schema> schemas, const arguments& given, output& out)
      : payloads_(std::move(schemas)), left_(given.limit), as_json_(given.as_json), out_(out) {}

  bool wants_more() const { return left_ > 0 && out_.wanted(); }
  bool found_damage() const { return found_damage_; }
  bool found_nothing() const { return found_nothing_; }

  void print(const record_walk::step& step, const selection& which);

 private:
  void print_event(const record_walk::step& step, const journal::commit_view& commit,
                   const event_line& event);
  shown_payload show(const journal::type_ref& type, bytes_view payload, const std::string& where);
  std::string text_of(const journal::commit_view& commit, const event_line& event);
  json json_of(const record_walk::step& step, const journal::commit_view& commit, const event_line& event);
  void put_payload(json& into, const journal::type_ref& type, bytes_view payload, const std::string& where);

  payload_reader payloads_;
  std::uint64_t left_;
  bool as_json_;
  bool found_damage_ = false;
  bool found_nothing_ = true;
  output& out_;
};

void printer::print(const record_walk::step& step, const selection& which) {
  for (std::uint32_t i = 0; i < step.view.commit_count() && wants_more(); ++i) {
    auto commit = step.view.commit_at(i);
    if (!which.takes(commit)) continue;
    for (std::uint32_t j = 0; j < commit.event_count && wants_more(); ++j) {
      auto event = commit.event(j);
      event_line line{.at = position::of(step.stored.number, commit.first_event + j),
                      .sequence = commit.first_sequence + j,
                      .first_of_commit = j == 0,
                      .last_of_commit = j + 1 == commit.event_count,
                      .type = step.view.type(event.type),
                      .payload = event.payload};
      if (line.at < which.from || (!which.type.empty() && which.type != line.type.name)) continue;
      print_event(step, commit, line);
      found_nothing_ = false;
      --left_;
    }
  }
}

void printer::print_event(const record_walk::step& step, const journal::commit_view& commit,
                          const event_line& event) {
  out_.line(as_json_ ? line_of(json_of(step, commit, event)) : text_of(commit, event));
}

shown_payload printer::show(const journal::type_ref& type, bytes_view payload, const std::string& where) {
  auto shown = payloads_.show(type, payload);
  if (shown.damaged) {
    found_damage_ = true;
    out_.flush();
    complain(where + ": " + shown.reason);
  }
  return shown;
}

std::string printer::text_of(const journal::commit_view& commit, const event_line& event) {
  auto line = position_text(event.at) + "  " + time_text(commit.time_us) + "  " +
              journal::event_id(commit.category, commit.key, event.sequence) + "  " +
              printable(event.type.name) + "  ";
  if (event.first_of_commit && commit.after_expiry) line += "(after expiry)  ";
  auto shown = show(event.type, event.payload, "the event at " + position_text(event.at));
  if (!shown.json.empty()) return line + printable(shown.json);
  return line + "bytes " + hex(event.payload) + " (" + printable(shown.reason) + ")";
}

/// Header values are any bytes: text where they are UTF-8.
json header_value(bytes_view value) {
  auto text = as_text(value);
  return is_utf8(text) ? json(text) : json{{"bytes", hex(value)}};
}

/// A name that occurs twice holds a list.
json headers_of(const record_walk::step& step, const journal::commit_view& commit) {
  auto all = json::object();
  for (std::uint32_t i = 0; i < commit.header_count; ++i) {
    auto header = step.view.header(commit, i);
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

void printer::put_payload(json& into, const journal::type_ref& type, bytes_view payload,
                          const std::string& where) {
  into["type"] = valid_utf8(type.name);
  into["schema"] = type.schema.hex();
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

json printer::json_of(const record_walk::step& step, const journal::commit_view& commit,
                      const event_line& event) {
  json out{{"position", position_text(event.at)},
           {"id", journal::event_id(commit.category, commit.key, event.sequence)},
           {"category", commit.category},
           {"key", journal::escape_key(commit.key)},
           {"sequence", event.sequence},
           {"time", time_text(commit.time_us)},
           {"partition", step.stored.partition},
           {"epoch", step.view.stamp().epoch},
           {"command", commit.command.hex()}};
  if (commit.header_count > 0) out["headers"] = headers_of(step, commit);
  if (commit.trace) out["trace"] = commit.trace.hex();
  if (commit.causation) out["causation"] = commit.causation.hex();
  if (commit.source) out["source"] = source_of(*commit.source);
  put_payload(out, event.type, event.payload, "the event at " + position_text(event.at));
  if (event.first_of_commit && commit.after_expiry) out["after_expiry"] = true;
  if (event.last_of_commit && commit.ended) out["ended"] = true;
  if (event.last_of_commit && commit.has_reply) {
    json reply;
    put_payload(reply, step.view.type(commit.reply_type), commit.reply,
                "the reply stored with the event at " + position_text(event.at));
    out["reply"] = std::move(reply);
  }
  return out;
}

/// Names are compared exactly: whoever misspelt one should not wonder where the events are.
void complain_of_nothing(const arguments& given) {
  std::string wanted;
  if (!given.entity.empty()) wanted += " of " + given.entity;
  if (!given.type.empty()) wanted += " of the type " + given.type;
  if (!given.from.empty()) wanted += " from " + given.from + " on";
  complain("no event" + wanted + (given.type.empty() ? "" : ": quipu journal info lists the types"));
}

exit_code cat(const arguments& given, output& out) {
  selection which{.from = {}, .entity = {}, .type = given.type};
  if (!given.from.empty()) {
    auto from = parse_position(given.from);
    if (!from) {
      complain("--from " + given.from + ": write a record's number or a position, for example 12 or 12:3");
      return exit_code::wrong_usage;
    }
    which.from = *from;
  }
  if (!given.entity.empty()) {
    which.entity = parse_entity(given.entity);
    if (!which.entity) {
      complain("--entity " + given.entity +
               ": write category/key as events show it, for example account/acc-17 (a backslash is \\x5c)");
      return exit_code::wrong_usage;
    }
  }
  auto opened = journal::open(given.url, {.mode = journal::access::read, .node_directory = {}});
  if (!opened) return give_up(opened.error());
  auto& journal = **opened;
  auto sum = journal.summarize();
  if (!sum) return give_up(sum.error());
  // After the summary: every schema that a record up to its end uses is there.
  auto schemas = journal.schemas();
  if (!schemas) return give_up(schemas.error());

  std::optional<journal::partition_id> only;
  if (which.entity) {
    only = journal::partition_of(journal::entity_hash(which.entity->category, which.entity->key),
                                 journal.about().partitions);
  }
  printer lines(std::move(*schemas), given, out);
  record_walk walk(journal, std::max(which.from.record(), sum->first), sum->last, only, out);
  while (lines.wants_more()) {
    auto step = walk.next();
    if (!step) break;
    lines.print(*step, which);
  }
  const bool selected = !given.entity.empty() || !given.type.empty();
  if (selected && lines.found_nothing() && given.limit > 0 && walk.outcome() == exit_code::done)
    complain_of_nothing(given);
  if (walk.outcome() == exit_code::done && lines.found_damage()) return exit_code::found_wrong;
  return walk.outcome();
}

constexpr auto footer =
    R"(One line an event: position, time (UTC), event id, type, payload as JSON by the schema that lies in the journal.
Stops where the journal ended at the start. What cannot be decoded is shown as bytes, with the reason; damaged records
are named on stderr and passed over (exit code 1).

Keys of --json, one object a line:
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
  payload        an object; null where it cannot be decoded: then payload_bytes (HEX) and payload_error say what and why
  after_expiry   true with the event by which an entity begins again after its time to live
  ended          true with the last event of an entity's life
  reply          with the last event of a command: type, schema, payload

Examples:
  quipu journal cat lmdb:data/journal --limit 10
  quipu journal cat nats://127.0.0.1:4222/bank --entity account/acc-17
  quipu journal cat lmdb:data/journal --from 1200 --type bank.Withdrawn --json | jq .payload.amount)";

}  // namespace

void add_journal_cat(CLI::App& journal, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = journal.add_subcommand("cat", "Print events, with their payloads decoded");
  app->add_option("URL", given->url, journal_urls)->required();
  // An empty shell variable must not silently mean "everything".
  auto not_empty = [](const std::string& text) { return std::string(text.empty() ? "is empty" : ""); };
  app->add_option("--from", given->from, "Begin at this record or position: RECORD or RECORD:INDEX")
      ->check(not_empty);
  app->add_option("--limit", given->limit, "Stop after this many events")->check(CLI::NonNegativeNumber);
  app->add_option("--entity", given->entity, "Only this entity: category/key, the key as events show it")
      ->check(not_empty);
  app->add_option("--type", given->type, "Only events of this type, for example bank.Withdrawn")
      ->check(not_empty);
  app->add_flag("--json", given->as_json, "One JSON object a line instead of text");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return cat(*given, out); }; });
}

}  // namespace quipu::tool
