/// quipu projection pause and quipu projection resume
#include <quipu/projections/read_models.hpp>

#include <memory>
#include <string>

#include "command.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string name;
  std::string directory;
  std::string reason;
  bool as_json = false;
};

/// Empty: it goes on.
void print(const arguments& given, output& out) {
  const bool paused = !given.reason.empty();
  if (given.as_json)
    out.line(line_of(json{{"projection", valid_utf8(given.name)},
                          {"paused", paused ? json(valid_utf8(given.reason)) : json(nullptr)}}));
  else
    out.line((paused ? "paused " : "resumed ") + printable(given.name) +
             (paused ? ": " + printable(given.reason) : ""));
}

exit_code pause(const arguments& given, output& out) {
  if (auto done = read_models(given.directory).pause(given.name, given.reason); !done)
    return give_up(done.error());
  print(given, out);
  return exit_code::done;
}

exit_code resume(const arguments& given, output& out) {
  if (auto done = read_models(given.directory).resume(given.name); !done) return give_up(done.error());
  print(given, out);
  return exit_code::done;
}

CLI::App* add(CLI::App& projection, const char* name, const char* says, arguments& given) {
  auto* app = projection.add_subcommand(name, says);
  app->add_option("PROJECTION", given.name, "Its name")->required();
  app->add_option("--directory", given.directory, "The node's directory, in which read-models/ lies")
      ->required();
  app->add_flag("--json", given.as_json,
                "One JSON object instead of text: projection, paused (why, or null)");
  return app;
}

}  // namespace

void add_projection_pause(CLI::App& projection, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = add(projection, "pause", "Let the live generation stand still", *given);
  app->add_option("--reason", given->reason, "Why: it is shown to others")->required();
  app->footer(R"(Whoever keeps it stands still within a moment, also after a restart; its rows stay readable.

Examples:
  quipu projection pause balances --directory data --reason "the disk is moved")");
  app->callback([given, &command] { command.run = [given](output& out) { return pause(*given, out); }; });
}

void add_projection_resume(CLI::App& projection, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = add(projection, "resume", "Let it go on", *given);
  app->footer(R"(Examples:
  quipu projection resume balances --directory data)");
  app->callback([given, &command] { command.run = [given](output& out) { return resume(*given, out); }; });
}

}  // namespace quipu::tool
