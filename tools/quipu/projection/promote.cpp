/// quipu projection promote
#include <quipu/journal/open.hpp>
#include <quipu/projections/read_models.hpp>

#include <memory>
#include <optional>
#include <string>

#include "command.hpp"
#include "projection/chosen_projections.hpp"
#include "replay/rebuild_report.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string name;
  std::string directory;
  std::uint32_t generation = 0;
  std::string module;
  std::string url;
  bool backward = false;
  bool as_json = false;
};

/// `at`: where readers are now, where that is known.
void print(const arguments& given, bool promoted, std::optional<position> at, output& out) {
  if (given.as_json) {
    out.line(line_of(json{{"projection", valid_utf8(given.name)},
                          {"generation", given.generation},
                          {"promoted", promoted},
                          {"position", at ? json(position_text(*at)) : json(nullptr)}}));
    return;
  }
  const auto generation = "generation " + std::to_string(given.generation);
  if (!promoted)
    out.line(generation + " of " + printable(given.name) + " is live already");
  else
    out.line("readers of " + printable(given.name) + " see " + generation +
             (at ? " at " + position_text(*at) : " as it is"));
}

exit_code caught_up(const arguments& given, output& out) {
  auto what = choose({.modules = {given.module}, .names = {given.name}});
  if (!what) return what.error();
  auto journal = journal::open(given.url, {.mode = journal::access::read, .node_directory = given.directory});
  if (!journal) return give_up(journal.error());
  read_models models(given.directory);
  auto work = models.reopen(*what->front(), given.generation, **journal, {});
  if (!work) return give_up(work.error());
  rebuild_report report(false, false, out);
  auto done = (*work)->promote([&](const rebuild_progress& now) { return report.show(now), !interrupted(); });
  report.clear();
  if (!done) return give_up(done.error());
  if (*done == rebuild_end::interrupted) {
    complain("interrupted, not promoted; the same command goes on");
    return exit_code::done;
  }
  print(given, true, (*work)->states().front().position, out);
  return exit_code::done;
}

exit_code promote(const arguments& given, output& out) {
  read_models models(given.directory);
  const auto live = models.live(given.name);
  if (!live) return give_up(live.error());
  if (*live == given.generation) {
    print(given, false, std::nullopt, out);
    return exit_code::done;
  }
  if (!given.backward) {
    if (!given.module.empty() && !given.url.empty()) return caught_up(given, out);
    complain(
        "it is to catch up with the journal first: give --module and --journal; or let readers go back with "
        "--backward");
    return exit_code::wrong_usage;
  }
  if (auto done = models.promote_backward(given.name, given.generation); !done) return give_up(done.error());
  print(given, true, std::nullopt, out);
  return exit_code::done;
}

}  // namespace

void add_projection_promote(CLI::App& projection, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = projection.add_subcommand("promote", "Let readers see another generation, an old one too");
  app->footer(
      R"(The generation catches up with the journal first; for the last bit the live one stands still. With --backward it is
taken as it is: readers go back to its position. A running program that keeps the projection goes over to it.
quipu projection status lists the generations that there are.

Keys of --json, one object: projection, generation, promoted (false: it was live already), position (null with --backward).

Examples:
  quipu projection promote balances --generation 1 --directory data --module ./bank_module.so --journal lmdb:data/journal
  quipu projection promote balances --generation 1 --directory data --backward)");
  app->add_option("PROJECTION", given->name, "Its name")->required();
  app->add_option("--directory", given->directory, "The node's directory, in which read-models/ lies")
      ->required();
  app->add_option("--generation", given->generation, "Which one")->required()->check(CLI::PositiveNumber);
  app->add_option("--module", given->module, "The shared library that has the projection");
  app->add_option("--journal", given->url, journal_urls);
  app->add_flag("--backward", given->backward, "As it is, although it is behind");
  app->add_flag("--json", given->as_json, "One JSON object instead of text");
  app->callback([given, &command] { command.run = [given](output& out) { return promote(*given, out); }; });
}

}  // namespace quipu::tool
