// The journal itself: versions, what an acknowledgement is worth, its newest records, its schemas.
#include <quipu/journal/open.hpp>
#include <quipu/journal/schema.hpp>
#include <quipu/version.hpp>

#include <algorithm>

#include "doctor/finding.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {
namespace {

std::string what_was_read(const recent_records& recent) {
  return recent.whole ? "all " + std::to_string(recent.records) + " records"
                      : "the newest " + std::to_string(recent.records) + " records";
}

}  // namespace

std::vector<finding> check_versions(const evidence& known) {
  return {{level::ok,
           "Quipu " QUIPU_VERSION " understands this journal's format; it was created by " +
               known.about.creator + " at " + time_text(known.about.created_us) + ", " +
               std::to_string(known.about.partitions) + " partitions",
           ""}};
}

std::vector<finding> check_durability(const evidence& known) {
  const auto& sure = known.sum.survives_power_cut;
  if (!sure)
    return {{level::note, known.sum.durability,
             "add ?monitor=HOST:PORT to the URL and this is looked up: docs/jetstream.md, Durability"}};
  if (*sure) return {{level::ok, known.sum.durability, ""}};
  return {{level::care, known.sum.durability,
           known.url.starts_with("nats:") ? "file storage and sync_interval: always (nats-server 2.10 or "
                                            "later): docs/jetstream.md, Durability"
                                          : "leave out sync=none, also where the writer opens it"}};
}

std::vector<finding> check_records(const evidence& known) {
  std::vector<finding> out;
  for (const auto& line : known.recent.damage)
    out.push_back({level::care, line,
                   "quipu journal verify " + shown_url(known) +
                       " names every fault; stop the writer and restore a copy before it goes on"});
  if (out.empty())
    out.push_back(
        {level::ok, what_was_read(known.recent) + " hold what their checksums say",
         known.recent.whole ? "" : "quipu journal verify " + shown_url(known) + " looks at all of them"});
  return out;
}

std::vector<finding> check_commits(const evidence& known) {
  const auto& recent = known.recent;
  if (recent.commits == 0)
    return {
        {level::note, known.sum.records == 0 ? "the journal is empty" : "nothing was committed lately", ""}};
  const auto age = static_cast<double>(known.now.time_since_epoch().count() - recent.last_us) / 1'000'000;
  if (age < -5)
    return {{level::care,
             "the last commit, of " + time_text(recent.last_us) + ", is " + age_text(-age) + " in the future",
             "set the clocks of this machine and of the writer's: NTP"}};
  return {{level::ok,
           "the last commit was " + age_text(std::max(0.0, age)) + " ago, at " + time_text(recent.last_us),
           ""}};
}

std::vector<finding> check_schemas(const evidence& known) {
  std::vector<finding> out;
  for (const auto& schema : known.schemas) {
    const auto actual = journal::schema_hash(schema.binary);
    if (actual && *actual == schema.hash) continue;
    out.push_back({level::care, "schema " + schema.hash.hex() + " is damaged",
                   "restore it from a copy of the journal: its events can't be shown until then"});
  }
  for (const auto& [type, events] : known.recent.types) {
    if (std::ranges::find(known.schemas, type.second, &journal::stored_schema::hash) != known.schemas.end())
      continue;
    out.push_back(
        {level::note, std::to_string(events) + " events of " + type.first + " have no schema in the journal",
         "tools show their bytes only; the program that knows the type stores it when it opens the journal"});
  }
  if (out.empty())
    out.push_back({level::ok,
                   "the schemas of all " + std::to_string(known.recent.types.size()) + " event types in " +
                       what_was_read(known.recent) + " are there",
                   ""});
  return out;
}

}  // namespace quipu::tool
