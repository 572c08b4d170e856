#include <quipu/schema_agreement.hpp>

#include <quipu/journal/schema.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace quipu {
namespace {

struct known_schema {
  const journal::stored_schema* stored;
  std::vector<std::string> tables;
};

std::string indented(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += "\n  " + line;
  return out;
}

}  // namespace

result<void> check_schema_agreement(const domain& what, journal::journal& with) {
  const auto all = with.schemas();
  if (!all)
    return std::unexpected(error(all.error().code, "reading the journal's schemas: " + all.error().text));
  std::vector<known_schema> known;
  for (const auto& stored : *all) {
    auto tables = journal::table_names(stored.binary);
    if (!tables)
      return std::unexpected(error(tables.error().code,
                                   "the journal's schema " + stored.hash.hex() + ": " + tables.error().text));
    known.push_back({&stored, std::move(*tables)});
  }
  std::set<std::pair<std::string, id128>> compared;
  const auto compare = [&](const port::entity_type& of, const port::named_type& ours) -> result<void> {
    for (const auto& theirs : known) {
      if (theirs.stored->hash == ours.schema && ours.today.empty()) continue;
      if (std::ranges::find(theirs.tables, ours.name) == theirs.tables.end()) continue;
      if (!compared.insert({ours.name + "\n" + ours.table(), theirs.stored->hash}).second) continue;
      const auto changes =
          journal::breaking_changes(theirs.stored->binary, ours.name, ours.binary, ours.table());
      if (!changes) return std::unexpected(error(error_code::schema_damaged, changes.error().text));
      if (!changes->empty())
        return std::unexpected(
            error(error_code::runtime_schema_change,
                  "the program would read stored " + ours.name + " of " + of.category +
                      " wrongly (docs/guide-evolution.md shows what can change):" + indented(*changes)));
    }
    return {};
  };
  for (const auto* type : what.entities()) {
    for (const auto& event : type->events)
      if (auto agrees = compare(*type, event); !agrees) return agrees;
    for (const auto& reply : type->replies)
      if (auto agrees = compare(*type, reply); !agrees) return agrees;
  }
  return {};
}

}  // namespace quipu
