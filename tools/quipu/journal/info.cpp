/// quipu journal info
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <quipu/journal/open.hpp>
#include <quipu/journal/schema.hpp>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "reading/journal_figures.hpp"
#include "reading/journal_index.hpp"
#include "reading/opened_journal.hpp"
#include "reading/record_walk.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string url;
  index_arguments index;
  bool as_json = false;
};

struct schema_line {
  id128 hash;
  std::size_t size = 0;
  std::vector<std::string> tables;
  std::string trouble;  ///< why it cannot be read
};

struct figures : journal_figures {
  journal::summary sum;
  std::vector<schema_line> schemas;
  std::uint64_t damaged = 0;
  std::optional<record_number> indexed;  ///< up to here they are an index's
};

/// Schemas first sorted by hash, as backends may give them in any order.
std::vector<schema_line> describe(std::vector<journal::stored_schema> stored) {
  std::ranges::sort(stored, {}, &journal::stored_schema::hash);
  std::vector<schema_line> lines;
  for (const auto& schema : stored) {
    schema_line line{.hash = schema.hash, .size = schema.binary.size(), .tables = {}, .trouble = {}};
    auto actual = journal::schema_hash(schema.binary);
    if (!actual) {
      line.trouble = actual.error().text;
    } else if (*actual != schema.hash) {
      line.trouble = "what is stored under it has the hash " + actual->hex();
    } else if (auto names = journal::table_names(schema.binary)) {
      line.tables = std::move(*names);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

bool has_schema(const figures& all, const id128& hash) {
  return std::ranges::binary_search(all.schemas, hash, {}, &schema_line::hash);
}

json to_json(const arguments& given, const journal::identity& about, const figures& all) {
  json out{{"url", valid_utf8(journal::without_secrets(given.url))},
           {"lineage", about.lineage.hex()},
           {"incarnation", about.incarnation.hex()},
           {"created", time_text(about.created_us)},
           {"creator", valid_utf8(about.creator)},
           {"partitions", about.partitions},
           {"max_record_bytes", about.max_record_bytes},
           {"durability", all.sum.durability},
           {"records", all.sum.records},
           {"bytes", all.sum.bytes},
           {"first_record", all.sum.first},
           {"last_record", all.sum.last},
           {"damaged_records", all.damaged},
           {"commits", all.commits},
           {"events", all.events},
           {"first_time", nullptr},
           {"last_time", nullptr},
           {"events_per_second", nullptr},
           {"indexed_through", nullptr},
           {"used_partitions", json::array()},
           {"event_types", json::array()},
           {"schemas", json::array()}};
  if (all.commits > 0) {
    out["first_time"] = time_text(all.first_us);
    out["last_time"] = time_text(all.last_us);
    out["events_per_second"] = {{"first_to_last", all.rate()},
                                {"last_minute", all.rate_of_last(60)},
                                {"last_hour", all.rate_of_last(3600)}};
  }
  if (all.indexed) out["indexed_through"] = *all.indexed;
  for (const auto& [number, figure] : all.partitions) {
    json line{{"partition", number}, {"records", figure.records}, {"events", figure.events}};
    if (figure.epoch > 0) {
      line["epoch"] = figure.epoch;
      line["owner"] = valid_utf8(figure.owner);
      line["claimed"] = time_text(figure.claimed_us);
    }
    out["used_partitions"].push_back(std::move(line));
  }
  for (const auto& [type, events] : all.types) {
    out["event_types"].push_back({{"type", valid_utf8(type.first)},
                                  {"events", events},
                                  {"schema", type.second.hex()},
                                  {"schema_stored", has_schema(all, type.second)}});
  }
  for (const auto& schema : all.schemas) {
    json line{{"hash", schema.hash.hex()}, {"bytes", schema.size}, {"tables", json::array()}};
    for (const auto& table : schema.tables) line["tables"].push_back(valid_utf8(table));
    if (!schema.trouble.empty()) line["damage"] = valid_utf8(schema.trouble);
    out["schemas"].push_back(std::move(line));
  }
  return out;
}

std::string rate_text(double rate) {
  std::array<char, 32> text{};
  const auto length = std::snprintf(text.data(), text.size(), rate < 100 ? "%.2f" : "%.0f", rate);
  return {text.data(), static_cast<std::size_t>(length)};
}

void print_head(output& out, const arguments& given, const journal::identity& about, const figures& all) {
  out.line("journal      " + printable(journal::without_secrets(given.url)));
  out.line("lineage      " + about.lineage.hex());
  out.line("incarnation  " + about.incarnation.hex());
  out.line("created      " + time_text(about.created_us) + " by " + printable(about.creator));
  out.line("durability   " + printable(all.sum.durability));
  out.line("partitions   " + std::to_string(about.partitions));
  auto range = " (" + std::to_string(all.sum.first) + " to " + std::to_string(all.sum.last) + ")";
  out.line("records      " + std::to_string(all.sum.records) + (all.sum.records > 0 ? range : "") + ", " +
           size_text(all.sum.bytes) + ", each up to " + size_text(about.max_record_bytes));
  if (all.damaged > 0) out.line("damaged      " + std::to_string(all.damaged));
  out.line("commits      " + std::to_string(all.commits));
  out.line("events       " + std::to_string(all.events));
  if (all.indexed) out.line("index        up to record " + std::to_string(*all.indexed));
  if (all.commits == 0) return;
  out.line("time         " + time_text(all.first_us) + " to " + time_text(all.last_us));
  out.line("events/s     " + rate_text(all.rate()) + "; in its last minute " +
           rate_text(all.rate_of_last(60)) + ", in its last hour " + rate_text(all.rate_of_last(3600)));
}

void print_lists(output& out, const figures& all) {
  if (!all.partitions.empty()) out.line("\npartitions in use");
  for (const auto& [number, figure] : all.partitions) {
    out.line("  " + std::to_string(number) + ": " + std::to_string(figure.records) + " records, " +
             std::to_string(figure.events) + " events" +
             (figure.epoch == 0 ? ", never claimed"
                                : ", epoch " + std::to_string(figure.epoch) + " of " +
                                      printable(figure.owner) + " since " + time_text(figure.claimed_us)));
  }
  if (!all.types.empty()) out.line("\nevent types");
  for (const auto& [type, events] : all.types) {
    out.line("  " + printable(type.first) + ": " + std::to_string(events) + ", schema " + type.second.hex() +
             (has_schema(all, type.second) ? "" : " (not in the journal)"));
  }
  if (!all.schemas.empty()) out.line("\nschemas");
  for (const auto& schema : all.schemas) {
    std::string tables;
    for (const auto& table : schema.tables) tables += (tables.empty() ? "" : ", ") + printable(table);
    out.line("  " + schema.hash.hex() + ": " + size_text(schema.size) +
             (schema.trouble.empty() ? ", " + tables : ", damaged: " + printable(schema.trouble)));
  }
}

exit_code info(const arguments& given, output& out) {
  auto opened = open_to_read(given.url);
  if (!opened) return give_up(opened.error());
  auto& journal = *opened->from;
  figures all;
  all.sum = opened->sum;
  all.schemas = describe(std::move(opened->schemas));

  std::vector<record_range> left{{all.sum.first, all.sum.last}};
  if (const auto index = journal_index::open(given.index, journal, all.sum)) {
    static_cast<journal_figures&>(all) = index->figures();
    all.indexed = index->through();
    left = index->unreadable();  // named again, unless they can be read by now
    left.push_back({index->through() + 1, all.sum.last});
  }
  record_walk walk(journal, std::move(left), std::nullopt, out);
  while (auto step = walk.next()) all.count(*step);
  all.damaged = walk.damaged();
  if (walk.outcome() == exit_code::not_opened || interrupted()) return walk.outcome();
  if (given.as_json) {
    out.line(line_of(to_json(given, journal.about(), all)));
  } else {
    print_head(out, given, journal.about(), all);
    print_lists(out, all);
  }
  auto damaged = [](const schema_line& schema) { return !schema.trouble.empty(); };
  return std::ranges::any_of(all.schemas, damaged) ? exit_code::found_wrong : walk.outcome();
}

constexpr auto footer =
    R"(Reads the whole journal once, up to where it ended at the start; with an index (quipu journal index) what came after it.
Rates are by the times of the commits: "its last minute" is the one before the last commit.

Keys of --json: url, lineage, incarnation, created, creator, partitions, max_record_bytes, durability, records, bytes,
first_record, last_record, damaged_records, commits, events, first_time, last_time, events_per_second: first_to_last,
last_minute, last_hour (these three null without commits), indexed_through (a record; null where no index was used),
used_partitions: [partition, records, events, epoch, owner, claimed (these three once it was claimed)],
event_types: [type, events, schema, schema_stored], schemas: [hash, bytes, tables, damage (only where there is)].

Examples:
  quipu journal info lmdb:data/journal
  quipu journal info lmdb:data/journal --json | jq .events
  quipu journal info "nats://127.0.0.1:4222/bank?monitor=127.0.0.1:8222")";

}  // namespace

void add_journal_info(CLI::App& journal, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app =
      journal.add_subcommand("info", "Describe a journal: identity, figures, owners, event types, schemas");
  app->add_option("URL", given->url, journal_urls)->required();
  app->add_flag("--json", given->as_json, "One JSON object instead of text");
  add_index_option(*app, given->index);
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return info(*given, out); }; });
}

}  // namespace quipu::tool
