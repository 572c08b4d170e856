/// Which events a command is to show: the options that say it, and the choice that they make.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "reading/condition.hpp"
#include "reading/entity_name.hpp"
#include "reading/entity_records.hpp"
#include "reading/payload_reader.hpp"
#include "reading/placed_event.hpp"
#include "reading/record_walk.hpp"
#include "reading/time_argument.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {

/// As they were given; empty: not given.
struct selection_arguments {
  std::string from;
  std::string to;
  std::string entity;
  std::string type;
  std::string command;
  std::vector<std::string> where;

  bool names_something() const {
    return !(entity.empty() && type.empty() && command.empty() && where.empty());
  }
  /// " of account/acc-17 from 12 on": what was asked for, to follow "no event".
  std::string text() const;
};

enum class until : std::uint8_t { given, for_ever };

/// Adds --entity, --type, --command-id, --where, --from and, except for a command that goes on for ever, --to.
void add_selection_options(CLI::App& app, selection_arguments& into, until end = until::given);

/// For a footer: what the help of the options has no room for.
extern const char* const selection_help;

/// Everything in it must hold.
struct selection {
  position first;  ///< both inclusive
  position last{std::numeric_limits<std::uint64_t>::max()};
  time_span time{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  std::optional<entity_name> entity;
  std::string type;  ///< empty: any
  std::optional<id128> command;
  std::vector<condition> where;

  /// The error is a line for people, and wrong usage.
  static std::expected<selection, std::string> parse(const selection_arguments& given);

  /// For entity_records.hpp: what lies between, as far as the selection wants it.
  looked_for looked_for_in(record_range journal) const;
  /// All but the conditions on events.
  bool takes(const journal::commit_view& commit) const;
};

/// Picks events by a selection. One thread.
class event_filter {
 public:
  /// Both must outlive it. Flushes `out` before it complains.
  event_filter(const selection& which, payload_reader& payloads, output& out)
      : which_(which), payloads_(payloads), out_(out) {}

  bool takes(const journal::commit_view& commit) const { return which_.takes(commit); }
  /// Of a commit that it takes. Decodes the payload where there are conditions on it. One that cannot be
  /// decoded fulfils none, which is said.
  bool takes(const placed_event& event);

  bool found_damage() const { return found_damage_; }

 private:
  bool fulfils(const placed_event& event);
  void pass_over(const placed_event& event, const shown_payload& shown);

  const selection& which_;
  payload_reader& payloads_;
  output& out_;
  bool found_damage_ = false;
  bool said_what_it_passes_over_ = false;
};

/// Calls `take(event)` for each event of the record that the filter takes, in this order, until it says false.
template <class F>
void for_each_selected(const read_record& record, event_filter& filter, direction way, F&& take) {
  const bool forwards = way == direction::oldest_first;
  const auto commits = record.view.commit_count();
  for (std::uint32_t i = 0; i < commits; ++i) {
    const auto commit = record.view.commit_at(forwards ? i : commits - 1 - i);
    if (!filter.takes(commit)) continue;
    for (std::uint32_t j = 0; j < commit.event_count; ++j) {
      const placed_event event{record, commit, forwards ? j : commit.event_count - 1 - j};
      if (filter.takes(event) && !take(event)) return;
    }
  }
}

}  // namespace quipu::tool
