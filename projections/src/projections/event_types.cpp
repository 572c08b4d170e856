#include "projections/event_types.hpp"

#include <quipu/journal/schema.hpp>

#include <algorithm>

namespace quipu::projecting {

std::vector<std::string_view> event_types::categories_of(const port::projection_type& what) {
  std::vector<std::string_view> list;
  for (const auto& event : what.events)
    if (std::ranges::find(list, event.category) == list.end()) list.push_back(event.category);
  return list;
}

std::optional<std::uint32_t> event_types::entity(std::string_view category) const {
  const auto found = std::ranges::find(categories_, category);
  if (found == categories_.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - categories_.begin());
}

std::int32_t event_types::index_of(std::string_view category, std::string_view type) const {
  for (std::size_t i = 0; i < what_.events.size(); ++i) {
    const auto& event = what_.events[i];
    if (event.category == category && event.type.name == type)
      return event.wanted ? static_cast<std::int32_t>(i) : passed_by;
  }
  return passed_by;
}

result<std::int32_t> event_types::decide(std::uint32_t entity, const journal::type_ref& type,
                                         const std::string& where) {
  const auto category = categories_[entity];
  for (std::size_t i = 0; i < what_.events.size(); ++i) {
    const auto& event = what_.events[i];
    if (event.category != category || event.type.name != type.name) continue;
    if (!event.wanted) return passed_by;
    if (auto agrees = check_schema(event.type, type, where); !agrees) return std::unexpected(agrees.error());
    return static_cast<std::int32_t>(i);
  }
  if (std::ranges::find(what_.takes_unknown_events, category) != what_.takes_unknown_events.end())
    return passed_by;
  return fail(error_code::projection_unknown_event,
              where + " is of the type " + std::string(type.name) + ", which this program's " +
                  std::string(category) +
                  " does not know: a newer program recorded it; use a program that lists it in its events");
}

// FlatBuffers would decode a table whose fields were moved without noticing.
result<void> event_types::check_schema(const port::named_type& ours, const journal::type_ref& theirs,
                                       const std::string& where) {
  if (theirs.schema == ours.schema && ours.today.empty()) return {};
  const auto all = journal_.schemas();
  if (!all) return std::unexpected(all.error());
  for (const auto& stored : *all) {
    if (stored.hash != theirs.schema) continue;
    const auto changes = journal::breaking_changes(stored.binary, ours.name, ours.binary, ours.table());
    if (!changes) return std::unexpected(changes.error());
    if (changes->empty()) return {};
    std::string text = "the program would read " + where + ", a stored " + ours.name +
                       ", wrongly (docs/guide-evolution.md shows what can change):";
    for (const auto& line : *changes) text += "\n  " + line;
    return fail(error_code::projection_schema_change, std::move(text));
  }
  return fail(error_code::projection_schema_missing,
              where + " is of the type " + std::string(theirs.name) + ", whose schema " +
                  theirs.schema.hex() + " is not in the journal; restore a whole copy of it");
}

}  // namespace quipu::projecting
