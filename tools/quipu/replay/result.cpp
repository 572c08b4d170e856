#include "replay/result.hpp"

#include <quipu/journal/record.hpp>

namespace quipu::tool {
namespace {

std::string text_of(std::uint64_t number, const char* one, const char* more) {
  return std::to_string(number) + " " + (number == 1 ? one : more);
}

std::string name_of(const event_key& event) {
  return journal::event_id(event.category, event.key, event.sequence);
}

}  // namespace

void print_text(const replay_result& of, output& out) {
  std::string text = printable(of.state.name) + "  ";
  text += of.dry_run ? "a dry run" : "generation " + std::to_string(of.state.generation);
  if (of.state.resumed) text += ", gone on with";
  text += of.promoted ? ", promoted" : "";
  text += ", at " + position_text(of.state.position) + ": " + text_of(of.state.applied, "event", "events") +
          " applied, " + std::to_string(of.state.passed) + " passed by, " +
          text_of(of.state.dead_letters, "dead letter", "dead letters");
  if (of.seconds.count() > 0)
    text += ", " + std::to_string(static_cast<std::uint64_t>(of.events_per_second)) + " events/s";
  out.line(text);
  for (const auto& [table, count] : of.rows)
    out.line("  " + printable(table) + ": " + text_of(count, "row", "rows"));
  for (const auto& letter : of.letters)
    out.line("  dead letter " + printable(name_of(letter.event)) + " (" + printable(letter.type) +
             "): " + (letter.attempts == 0 ? "waits behind another" : printable(letter.error)));
  if (!of.compared) return;
  const auto& with = *of.compared;
  out.line("  beside generation " + std::to_string(with.live) +
           (with.live_version != of.state.version ? " (of version " + std::to_string(with.live_version) + ")"
                                                  : "") +
           " at " + position_text(with.position) + ": " + text_of(with.same, "row", "rows") + " the same, " +
           std::to_string(with.different) + " different, " + std::to_string(with.only_made) + " only here, " +
           std::to_string(with.only_live) + " only there");
  for (const auto& one : with.first) {
    out.line("  " + printable(one.table) + " " + printable(one.key));
    if (one.live) out.line("    - " + printable(*one.live));
    if (one.made) out.line("    + " + printable(*one.made));
  }
}

void print_object(const replay_result& of, output& out) {
  json object{{"projection", of.state.name},
              {"version", of.state.version},
              {"generation", of.dry_run ? json(nullptr) : json(of.state.generation)},
              {"resumed", of.state.resumed},
              {"promoted", of.promoted},
              {"position", position_text(of.state.position)},
              {"applied", of.state.applied},
              {"passed", of.state.passed},
              {"duplicates", of.state.duplicates},
              {"retries", of.state.retries},
              {"dead_letters", of.state.dead_letters},
              {"rows", json::object()},
              {"seconds", of.seconds.count()},
              {"events_per_second", static_cast<std::uint64_t>(of.events_per_second)}};
  for (const auto& [table, count] : of.rows) object["rows"][table] = count;
  for (const auto& letter : of.letters)
    object["letters"].push_back({{"event", valid_utf8(name_of(letter.event))},
                                 {"type", valid_utf8(letter.type)},
                                 {"attempts", letter.attempts},
                                 {"error", valid_utf8(letter.error)}});
  if (of.compared) {
    const auto& with = *of.compared;
    json diff{{"live", with.live},
              {"live_version", with.live_version},
              {"position", position_text(with.position)},
              {"same", with.same},
              {"different", with.different},
              {"only_here", with.only_made},
              {"only_there", with.only_live},
              {"first", json::array()}};
    const auto row = [](const std::optional<std::string>& text) {
      if (!text) return json(nullptr);
      auto parsed = json::parse(*text, nullptr, false);
      return parsed.is_discarded() ? json(valid_utf8(*text)) : parsed;
    };
    for (const auto& one : with.first)
      diff["first"].push_back({{"table", one.table},
                               {"key", valid_utf8(one.key)},
                               {"here", row(one.made)},
                               {"there", row(one.live)}});
    object["diff"] = std::move(diff);
  }
  out.line(line_of(object));
}

}  // namespace quipu::tool
