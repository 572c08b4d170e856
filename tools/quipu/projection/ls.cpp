/// quipu projection ls
#include <quipu/projections/read_models.hpp>

#include <memory>
#include <string>

#include "command.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string directory;
  bool as_json = false;
};

std::string_view role_of(const kept_generation_facts& one) {
  return one.live ? "live" : one.unpromoted ? "building" : "old";
}

std::string many(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

void print_text(const kept_projection& kept, output& out) {
  out.line(printable(kept.name));
  for (const auto& one : kept.generations) {
    auto line = "  generation " + std::to_string(one.number) + "  " + std::string(role_of(one));
    if (one.reaction) line += ", a reaction";
    if (one.trouble.empty())
      line += ", version " + std::to_string(one.version) + ", at " + position_text(one.position) + ", " +
              size_text(one.bytes);
    if (one.holder) line += ", kept by process " + printable(*one.holder);
    if (one.dead_letters > 0) line += ", " + many(one.dead_letters, "dead letter");
    out.line(line);
    if (one.paused) out.line("    paused: " + printable(*one.paused));
    if (one.failed) out.line("    failed: " + printable(*one.failed));
    if (!one.trouble.empty()) out.line("    unreadable: " + printable(one.trouble));
    if (!one.rows) continue;
    for (const auto& [table, rows] : *one.rows)
      out.line("    " + printable(table) + "  " + many(rows, "row"));
  }
}

json object_of(const kept_projection& kept) {
  const auto text = [](const std::optional<std::string>& from) {
    return from ? json(valid_utf8(*from)) : json(nullptr);
  };
  json object{{"projection", valid_utf8(kept.name)}, {"generations", json::array()}};
  for (const auto& one : kept.generations) {
    json line{{"generation", one.number}, {"role", role_of(one)}};
    if (one.trouble.empty()) {
      line["reaction"] = one.reaction;
      line["version"] = one.version;
      line["position"] = position_text(one.position);
      line["bytes"] = one.bytes;
      line["rows"] = nullptr;
      if (one.rows) {
        line["rows"] = json::object();
        for (const auto& [table, rows] : *one.rows) line["rows"][valid_utf8(table)] = rows;
      }
      line["dead_letters"] = one.dead_letters;
      line["skipped"] = one.skipped;
    } else {
      line["trouble"] = valid_utf8(one.trouble);
    }
    line["holder"] = one.holder ? json(std::stoll("0" + *one.holder)) : json(nullptr);
    line["paused"] = text(one.paused);
    line["failed"] = text(one.failed);
    object["generations"].push_back(std::move(line));
  }
  return object;
}

exit_code list(const arguments& given, output& out) {
  read_models models(given.directory);
  const auto names = models.projections();
  if (!names) return give_up(names.error());
  if (names->empty()) {
    complain("there are no read models in " + given.directory + ": name the node's directory");
    return exit_code::not_opened;
  }
  auto outcome = exit_code::done;
  for (const auto& name : *names) {
    const auto kept = models.kept(name);
    if (!kept) return give_up(kept.error());
    for (const auto& one : kept->generations)
      if (!one.trouble.empty()) outcome = exit_code::found_wrong;
    if (given.as_json)
      out.line(line_of(object_of(*kept)));
    else
      print_text(*kept, out);
    if (!out.wanted()) break;
  }
  return outcome;
}

constexpr auto footer =
    R"(Every generation on the disk: live is the one that is read, building a rebuild that was not promoted, old one that was live
before. Only reads, and needs no module: read models say themselves which tables they have. Of a read model that an older Quipu
kept last the rows are not counted.

Exit codes: 0 done; 1 a generation can't be read; 2 wrong usage; 3 could not reach or open.

Keys of --json, an object a projection: projection, generations: [generation, role (live, building, old), reaction (whether it
sends commands), version, position, bytes (of its file), rows: {TABLE: how many} (or null), dead_letters (of a reaction: events
alone), skipped, trouble (instead of the last seven, where it can't be read), holder (the pid of who keeps it), paused, failed
(why, or null)].

Examples:
  quipu projection ls --directory data
  quipu projection ls --directory data --json | jq '.generations[].rows')";

}  // namespace

void add_projection_ls(CLI::App& projection, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = projection.add_subcommand("ls", "What read models there are, and what is in them");
  app->footer(footer);
  app->add_option("--directory", given->directory, "The node's directory, in which read-models/ lies")
      ->required();
  app->add_flag("--json", given->as_json, "An object a projection");
  app->callback([given, &command] { command.run = [given](output& out) { return list(*given, out); }; });
}

}  // namespace quipu::tool
