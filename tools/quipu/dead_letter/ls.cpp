/// quipu dead-letter ls
#include <memory>
#include <string>
#include <vector>

#include "command.hpp"
#include "dead_letter/letters.hpp"
#include "projection/named_projection.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string directory;
  std::string name;
  bool skipped = false;
  bool as_json = false;
};

void print_skip(const std::string& projection, const skipped_event& skip, bool as_json, output& out) {
  const auto time = time_text(skip.time.time_since_epoch().count());
  if (as_json)
    out.line(line_of({{"projection", valid_utf8(projection)},
                      {"event", event_text(skip.event)},
                      {"entity", entity_text(skip.event)},
                      {"skipped", time},
                      {"reason", valid_utf8(skip.reason)}}));
  else
    out.line(printable(projection) + "  " + event_text(skip.event) + "  skipped " + time + ": " +
             printable(skip.reason));
}

void print_line(const std::string& projection, const waiting_line& line, bool as_json, output& out) {
  const auto& letter = line.first;
  if (as_json) {
    json object{{"projection", valid_utf8(projection)}};
    object.update(object_of(letter));
    object["waiting"] = line.behind;
    out.line(line_of(object));
    return;
  }
  std::string text = printable(projection) + "  " + event_text(letter.event) + "  at " +
                     position_text(letter.position) + "  " + printable(letter.type);
  if (!letter.target.empty()) text += " to " + printable(letter.target);
  text += "  tried " + std::to_string(letter.attempts) + (letter.attempts == 1 ? " time" : " times");
  if (letter.attempts > 0)
    text += " from " + time_text(letter.first_failed.time_since_epoch().count()) + " to " +
            time_text(letter.last_failed.time_since_epoch().count());
  if (line.behind > 0) text += ", " + std::to_string(line.behind) + " behind it";
  out.line(text + ": " + printable(letter.error));
}

exit_code list(const arguments& given, output& out) {
  read_models models(given.directory);
  std::vector<std::string> names{given.name};
  if (given.name.empty()) {
    auto all = models.projections();
    if (!all) return give_up(all.error());
    names = std::move(*all);
    if (names.empty()) {
      complain("there are no read models in " + given.directory + ": name the node's directory");
      return exit_code::not_opened;
    }
  }
  auto outcome = exit_code::done;
  for (const auto& name : names) {
    const auto kept = find_projection(models, given.directory, name);
    if (!kept) return kept.error();
    // Nothing is kept yet: a first rebuild is under way.
    if (given.name.empty() && kept->live() == nullptr) continue;
    if (given.skipped) {
      const auto skips = models.skipped(name);
      if (!skips) return give_up(skips.error());
      for (const auto& one : *skips) print_skip(name, one, given.as_json, out);
      continue;
    }
    const auto letters = letters_of(models, *kept);
    if (!letters) return give_up(letters.error());
    for (const auto& one : lines_of(*letters)) {
      outcome = exit_code::found_wrong;
      print_line(name, one, given.as_json, out);
    }
  }
  return outcome;
}

constexpr auto footer =
    R"(One line an entity whose event could not be applied, with how many of its later events wait behind that one; of a reaction also
one a target that would not take a command. Only reads, beside whoever keeps the projections.

Exit codes: 0 there are none; 1 there are some; 2 wrong usage; 3 could not reach or open.

Keys of --json, one object a line: projection, event (its id), entity, position, type (of the event, or of the command), target (of
a command; else null), attempts, error (of the last one), first_failed, last_failed (null where it was never tried), waiting (how
many are behind it). With --skipped: projection, event, entity, skipped (when), reason; the exit code is 0.

Examples:
  quipu dead-letter ls --directory data
  quipu dead-letter ls --directory data --projection balances --json | jq -r .event
  quipu dead-letter ls --directory data --skipped)";

}  // namespace

void add_dead_letter_ls(CLI::App& dead_letter, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app =
      dead_letter.add_subcommand("ls", "Which events could not be applied, and what waits behind them");
  app->footer(footer);
  app->add_option("--directory", given->directory, "The node's directory, in which read-models/ lies")
      ->required();
  app->add_option("--projection", given->name, "Only of this one")->check([](const std::string& text) {
    return std::string(text.empty() ? "is empty" : "");
  });
  app->add_flag("--skipped", given->skipped, "Those that were left out, and why");
  app->add_flag("--json", given->as_json, "One JSON object a line instead of text");
  app->callback([given, &command] { command.run = [given](output& out) { return list(*given, out); }; });
}

}  // namespace quipu::tool
