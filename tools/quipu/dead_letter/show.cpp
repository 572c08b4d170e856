/// quipu dead-letter show
#include <quipu/journal/open.hpp>
#include <quipu/journal/record.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "dead_letter/letters.hpp"
#include "projection/named_projection.hpp"
#include "reading/payload_reader.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string directory;
  std::string name;
  std::string event;
  std::string url;
  bool as_json = false;
};

/// The event as it stands in the journal.
struct found_event {
  std::string type;
  id128 command;
  std::int64_t time_us = 0;
  bytes payload;
  shown_payload shown;
};

journal::result<std::optional<found_event>> look_up(journal::journal& from, const dead_letter& letter) {
  const auto record = from.read(letter.position.record())->next();
  if (!record) return std::unexpected(record.error());
  if (!*record || (*record)->number != letter.position.record()) return std::nullopt;
  const auto view = journal::record_view::decode((*record)->data);
  if (!view) return std::unexpected(view.error());
  for (std::uint32_t i = 0; i < view->commit_count(); ++i) {
    const auto commit = view->commit_at(i);
    const auto index = letter.event.sequence - commit.first_sequence;
    if (commit.category != letter.event.category || commit.key != letter.event.key ||
        letter.event.sequence < commit.first_sequence || index >= commit.event_count)
      continue;
    const auto event = commit.event(static_cast<std::uint32_t>(index));
    const auto type = view->type(event.type);
    auto schemas = from.schemas();
    if (!schemas) return std::unexpected(schemas.error());
    return found_event{.type = std::string(type.name),
                       .command = commit.command,
                       .time_us = commit.time_us,
                       .payload = {event.payload.begin(), event.payload.end()},
                       .shown = payload_reader(std::move(*schemas)).show(type, event.payload)};
  }
  return std::nullopt;
}

struct shown_letter {
  std::string projection;
  std::uint32_t generation = 0;
  dead_letter letter;
  std::uint64_t behind = 0;
  std::optional<event_key> behind_whom;  ///< nothing: it is the first
  bool looked_up = false;                ///< a journal was given
  std::optional<found_event> event;
};

void print_text(const shown_letter& one, output& out) {
  const auto line = [&](const char* name, const std::string& text) { out.line(name + printable(text)); };
  const auto& letter = one.letter;
  out.line(event_text(letter.event));
  line("  projection  ", one.projection + ", generation " + std::to_string(one.generation));
  line("  position    ", position_text(letter.position));
  line("  entity      ", entity_text(letter.event));
  if (!letter.target.empty()) line("  command     ", letter.type + " to " + letter.target);
  if (one.event || letter.target.empty()) line("  type        ", one.event ? one.event->type : letter.type);
  if (one.behind_whom)
    line("  waits       ", "behind " + event_text(*one.behind_whom));
  else
    line("  waiting     ", std::to_string(one.behind) + " behind it");
  line("  attempts    ", std::to_string(letter.attempts));
  if (letter.attempts > 0) {
    line("  failed      ", "first " + time_text(letter.first_failed.time_since_epoch().count()) + ", last " +
                               time_text(letter.last_failed.time_since_epoch().count()));
    line("  error       ", letter.error);
  }
  if (!one.event) {
    line("  payload     ", one.looked_up ? "the journal does not have the event at this position"
                                         : "lies in the journal: name it with --journal");
    return;
  }
  line("  time        ", time_text(one.event->time_us));
  line("  caused by   ", "command " + one.event->command.hex());
  line("  payload     ", one.event->shown.json.empty()
                             ? "bytes " + hex(one.event->payload) + " (" + one.event->shown.reason + ")"
                             : one.event->shown.json);
}

json json_of(const shown_letter& one) {
  json object{{"projection", valid_utf8(one.projection)}, {"generation", one.generation}};
  object.update(object_of(one.letter));
  object["waiting"] = one.behind;
  object["behind"] = one.behind_whom ? json(event_text(*one.behind_whom)) : json(nullptr);
  if (!one.event) return object;
  object["event_type"] = valid_utf8(one.event->type);
  object["time"] = time_text(one.event->time_us);
  object["command"] = one.event->command.hex();
  const auto& text = one.event->shown.json;
  auto payload = text.empty() ? json(json::value_t::discarded) : json::parse(text, nullptr, false);
  if (payload.is_discarded()) {
    object["payload"] = nullptr;
    object["payload_bytes"] = hex(one.event->payload);
    object["payload_error"] =
        valid_utf8(text.empty() ? one.event->shown.reason : "JSON has no word for it: " + text);
  } else {
    object["payload"] = std::move(payload);
  }
  return object;
}

exit_code no_such_letter(const arguments& given, const std::vector<dead_letter>& letters,
                         const std::vector<skipped_event>& skips, const event_key& event) {
  const auto skip = std::ranges::find(skips, event, &skipped_event::event);
  if (skip != skips.end()) {
    complain(given.event + " was skipped at " + time_text(skip->time.time_since_epoch().count()) + ": " +
             skip->reason);
    return exit_code::not_opened;
  }
  constexpr std::size_t shown = 5;
  std::string list;
  for (std::size_t i = 0; i < std::min(letters.size(), shown); ++i)
    list += (list.empty() ? "" : ", ") + event_text(letters[i].event);
  if (letters.size() > shown) list += ", …";
  return give_up(
      {error_code::projection_no_letter, "there is no dead letter " + given.event + " in " + given.name +
                                             (list.empty() ? ", and no other" : "; there are: " + list)});
}

exit_code show(const arguments& given, output& out) {
  const auto event = parse_event(given.event);
  if (!event) {
    complain(given.event +
             " is no event's id: write it as quipu dead-letter ls shows it, for example account/acc-17@3");
    return exit_code::wrong_usage;
  }
  read_models models(given.directory);
  const auto kept = find_live(models, given.directory, given.name);
  if (!kept) return kept.error();
  const auto letters = letters_of(models, *kept);
  if (!letters) return give_up(letters.error());
  std::unique_ptr<journal::journal> journal;
  if (!given.url.empty()) {
    auto opened =
        journal::open(given.url, {.mode = journal::access::read, .node_directory = given.directory});
    if (!opened) return give_up(opened.error());
    journal = std::move(*opened);
    if (journal->about().incarnation != kept->live()->incarnation) {
      complain(given.name + " follows another journal, of incarnation " + kept->live()->incarnation.hex());
      return exit_code::wrong_usage;
    }
  }
  const auto lines = lines_of(*letters);
  bool found = false;
  auto outcome = exit_code::done;
  for (const auto& letter : *letters) {
    if (letter.event != *event) continue;
    found = true;
    shown_letter one{.projection = given.name, .generation = kept->live()->number, .letter = letter};
    for (const auto& line : lines) {
      const bool its_line =
          letter.target.empty()
              ? line.first.target.empty() && entity_text(line.first.event) == entity_text(letter.event)
              : line.first.target == letter.target;
      if (!its_line) continue;
      if (line.first.event == letter.event)
        one.behind = line.behind;
      else
        one.behind_whom = line.first.event;
    }
    if (journal) {
      auto at = look_up(*journal, letter);
      if (!at) return give_up(at.error());
      one.looked_up = true;
      one.event = std::move(*at);
      if (!one.event || one.event->shown.damaged) outcome = exit_code::found_wrong;
    }
    if (given.as_json)
      out.line(line_of(json_of(one)));
    else
      print_text(one, out);
  }
  if (found) return outcome;
  const auto skips = models.skipped(given.name);
  if (!skips) return give_up(skips.error());
  return no_such_letter(given, *letters, *skips, *event);
}

constexpr auto footer =
    R"(The event's payload is read from the journal, by the schema that lies there. Of the attempts the last one's error is kept. An event
of a reaction may stand here more than once: a letter a command that it led to.

Exit codes: 0 done; 1 the payload can't be read or the event is not in the journal; 2 wrong usage; 3 there is no such dead letter,
or it could not be reached or opened.

Keys of --json: projection, generation, those of quipu dead-letter ls, behind (the event that it waits for, or null); with
--journal: event_type, time, command, payload (null where it can't be decoded: then payload_bytes and payload_error).

Examples:
  quipu dead-letter show balances account/acc-17@3 --directory data
  quipu dead-letter show balances account/acc-17@3 --directory data --journal lmdb:data/journal)";

}  // namespace

void add_dead_letter_show(CLI::App& dead_letter, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = dead_letter.add_subcommand("show", "All of one dead letter");
  app->footer(footer);
  app->add_option("PROJECTION", given->name, "Its name")->required();
  app->add_option("EVENT-ID", given->event, "As ls shows it: category/key@number")->required();
  app->add_option("--directory", given->directory, "The node's directory, in which read-models/ lies")
      ->required();
  app->add_option("--journal", given->url, journal_urls);
  app->add_flag("--json", given->as_json, "One JSON object a line instead of text");
  app->callback([given, &command] { command.run = [given](output& out) { return show(*given, out); }; });
}

}  // namespace quipu::tool
