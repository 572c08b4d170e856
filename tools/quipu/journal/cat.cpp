/// quipu journal cat
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "command.hpp"
#include "reading/event_lines.hpp"
#include "reading/journal_index.hpp"
#include "reading/opened_journal.hpp"
#include "reading/record_walk.hpp"
#include "reading/selection.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string url;
  selection_arguments select;
  index_arguments index;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  bool reverse = false;
  line_format format;
};

/// Names are compared exactly: whoever misspelt one should not wonder where the events are.
void complain_of_nothing(const selection_arguments& given) {
  complain("no event" + given.text() + (given.type.empty() ? "" : ": quipu journal info lists the types"));
}

exit_code print(const arguments& given, const selection& which, journal::journal& journal,
                const journal::summary& sum, std::vector<journal::stored_schema> schemas, output& out) {
  payload_reader payloads(std::move(schemas));
  event_filter filter(which, payloads, out);
  event_lines lines(given.format, payloads, out);
  const auto index = journal_index::open(given.index, journal, sum);
  const auto where = find_records(journal, which.looked_for_in({sum.first, sum.last}), index);
  const auto way = given.reverse ? direction::newest_first : direction::oldest_first;
  record_walk walk(journal, where.ranges, where.only, out, way);
  std::uint64_t printed = 0;
  while (printed < given.limit) {
    const auto record = walk.next();
    if (!record) break;
    for_each_selected(*record, filter, way, [&](const placed_event& event) {
      out.line(lines.line_of(event));
      return ++printed < given.limit && out.wanted();
    });
  }
  const bool damage = filter.found_damage() || lines.found_damage();
  if (given.select.names_something() && printed == 0 && given.limit > 0 && !damage &&
      walk.outcome() == exit_code::done)
    complain_of_nothing(given.select);
  return damage && walk.outcome() == exit_code::done ? exit_code::found_wrong : walk.outcome();
}

exit_code cat(const arguments& given, output& out) {
  const auto which = selection::parse(given.select);
  if (!which) {
    complain(which.error());
    return exit_code::wrong_usage;
  }
  auto opened = open_to_read(given.url);
  if (!opened) return give_up(opened.error());
  return print(given, *which, *opened->from, opened->sum, std::move(opened->schemas), out);
}

constexpr auto head =
    R"(One line an event: position, time (UTC), event id, type, payload as JSON by the schema that lies in the journal.
Stops where the journal ended at the start. What cannot be decoded is shown as bytes, with the reason; damaged records
are named on stderr and passed over (exit code 1). With an index (quipu journal index) only the records that can hold such
events are read.

)";

constexpr auto examples = R"(

Examples:
  quipu journal cat lmdb:data/journal --limit 10
  quipu journal cat lmdb:data/journal --reverse --limit 10
  quipu journal cat nats://127.0.0.1:4222/bank --entity account/acc-17
  quipu journal cat lmdb:data/journal --type bank.Withdrawn --where '/amount >= 1000' --from 2026-01-31 --to 2026-01-31
  quipu journal cat lmdb:data/journal --from 1200 --type bank.Withdrawn --json | jq .payload.amount)";

}  // namespace

void add_journal_cat(CLI::App& journal, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = journal.add_subcommand("cat", "Print events, with their payloads decoded");
  app->add_option("URL", given->url, journal_urls)->required();
  add_selection_options(*app, given->select);
  app->add_option("--limit", given->limit, "Stop after this many events")->check(CLI::NonNegativeNumber);
  app->add_flag("--reverse", given->reverse, "The newest event first");
  app->add_flag("--raw", given->format.raw, "Payloads as bytes, not decoded");
  app->add_flag("--json", given->format.as_json, "One JSON object a line instead of text");
  add_index_option(*app, given->index);
  app->footer(head + std::string(selection_help) + "\n\n" + event_keys_help + examples);
  app->callback([given, &command] { command.run = [given](output& out) { return cat(*given, out); }; });
}

}  // namespace quipu::tool
