#include "reading/selection.hpp"

#include <algorithm>
#include <utility>

#include "reading/position_argument.hpp"

namespace quipu::tool {
namespace {

/// A place in the journal: what lies at it, for both ends of a range.
struct place {
  std::optional<position> at;
  std::optional<time_span> time;
};

std::expected<place, std::string> parse_place(const std::string& option, const std::string& text) {
  if (auto at = parse_position(text)) return place{.at = at, .time = {}};
  if (auto time = parse_time(text)) return place{.at = {}, .time = time};
  return std::unexpected(option + " " + text +
                         ": write a record's number, a position or a time (UTC), for example 12, 12:3, "
                         "2026-01-31 or 2026-01-31T23:59:58.5");
}

std::expected<void, std::string> take_from(selection& into, const std::string& text) {
  if (text.empty()) return {};
  auto from = parse_place("--from", text);
  if (!from) return std::unexpected(std::move(from.error()));
  if (from->at) into.first = *from->at;
  if (from->time) into.time.first_us = from->time->first_us;
  return {};
}

std::expected<void, std::string> take_to(selection& into, const std::string& text) {
  if (text.empty()) return {};
  auto to = parse_place("--to", text);
  if (!to) return std::unexpected(std::move(to.error()));
  const bool whole_record = text.find(':') == std::string::npos;
  if (to->at) into.last = whole_record ? position::of(to->at->record(), 0xffff) : *to->at;
  if (to->time) into.time.last_us = to->time->last_us;
  return {};
}

std::expected<void, std::string> take_command(selection& into, std::string text) {
  if (text.empty()) return {};
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  into.command = id128::from_hex(text);
  if (!into.command)
    return std::unexpected("--command-id " + text +
                           ": write 32 hexadecimal digits, as events show it with --json");
  return {};
}

}  // namespace

std::string selection_arguments::text() const {
  std::string out;
  if (!entity.empty()) out += " of " + entity;
  if (!type.empty()) out += " of the type " + type;
  if (!command.empty()) out += " of the command " + command;
  for (std::size_t i = 0; i < where.size(); ++i) out += (i == 0 ? " where " : " and ") + where[i];
  if (!from.empty()) out += " from " + from + " on";
  if (!to.empty()) out += " up to " + to;
  return out;
}

void add_selection_options(CLI::App& app, selection_arguments& into, until end) {
  // An empty shell variable must not silently mean "everything".
  auto not_empty = [](const std::string& text) { return std::string(text.empty() ? "is empty" : ""); };
  app.add_option("--entity", into.entity, "Only this entity: category/key, the key as events show it")
      ->check(not_empty);
  app.add_option("--type", into.type, "Only events of this type, for example bank.Withdrawn")
      ->check(not_empty);
  app.add_option("--command-id", into.command, "Only events of this command")
      ->check(not_empty)
      ->type_name("HEX");
  app.add_option("--where", into.where, where_help)
      ->check(not_empty)
      ->allow_extra_args(false)
      ->type_name("CONDITION");
  app.add_option("--from", into.from, "Begin here: a record, a position (RECORD:INDEX) or a time")
      ->check(not_empty)
      ->type_name("PLACE");
  if (end == until::given)
    app.add_option("--to", into.to, "End here, with what is named")->check(not_empty)->type_name("PLACE");
}

const char* const selection_help =
    R"(PLACE is a record's number, a position (RECORD:INDEX), or a time, ISO 8601 in UTC: 2026-01-31, 2026-01-31T23:59,
2026-01-31T23:59:58 or with fractions, and means all that it names: --to 2026-01-31 ends with that day. The time of an
event is that of its commit.
CONDITION is a JSON pointer, then ==, !=, <, <=, > or >= and a JSON value: '/amount >= 100', '/note == "rent"'; a pointer
alone asks whether the field is there: '/note'. Given more than once, all must hold. A field that is not there fulfils none.)";

std::expected<selection, std::string> selection::parse(const selection_arguments& given) {
  selection which;
  which.type = given.type;
  if (auto taken = take_from(which, given.from); !taken) return std::unexpected(std::move(taken.error()));
  if (auto taken = take_to(which, given.to); !taken) return std::unexpected(std::move(taken.error()));
  if (auto taken = take_command(which, given.command); !taken)
    return std::unexpected(std::move(taken.error()));
  if (!given.entity.empty()) {
    which.entity = parse_entity(given.entity);
    if (!which.entity)
      return std::unexpected(
          "--entity " + given.entity +
          ": write category/key as events show it, for example account/acc-17 (a backslash is \\x5c)");
  }
  for (const auto& text : given.where) {
    auto parsed = parse_condition(text);
    if (!parsed) return std::unexpected("--where " + text + ": " + parsed.error());
    which.where.push_back(std::move(*parsed));
  }
  return which;
}

looked_for selection::looked_for_in(record_range journal) const {
  return {.within = {std::max(journal.first, first.record()), std::min(journal.last, last.record())},
          .time = time,
          .entity = entity,
          .command = command};
}

bool selection::takes(const journal::commit_view& commit) const {
  return (!entity || (entity->key == commit.key && entity->category == commit.category)) &&
         (!command || *command == commit.command) && commit.time_us >= time.first_us &&
         commit.time_us <= time.last_us;
}

bool event_filter::takes(const placed_event& event) {
  const auto at = event.at();
  if (at < which_.first || at > which_.last) return false;
  if (!which_.type.empty() && which_.type != event.type().name) return false;
  return which_.where.empty() || fulfils(event);
}

/// Each that is damaged; what has no schema once, for there may be many.
void event_filter::pass_over(const placed_event& event, const shown_payload& shown) {
  if (!shown.damaged && std::exchange(said_what_it_passes_over_, true)) return;
  out_.flush();
  complain("the event at " + position_text(event.at()) + ": " +
           (shown.reason.empty() ? "JSON has no word for a part of it" : shown.reason) +
           (shown.damaged ? "" : "; --where passes over it, and over others like it"));
}

bool event_filter::fulfils(const placed_event& event) {
  const auto shown = payloads_.show(event.type(), event.payload());
  const auto payload =
      shown.json.empty() ? json(json::value_t::discarded) : json::parse(shown.json, nullptr, false);
  if (payload.is_discarded()) {
    found_damage_ = found_damage_ || shown.damaged;
    pass_over(event, shown);
    return false;
  }
  return std::ranges::all_of(which_.where, [&](const condition& one) { return one.holds(payload); });
}

}  // namespace quipu::tool
