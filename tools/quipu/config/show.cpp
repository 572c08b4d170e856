/// quipu config show
#include <algorithm>
#include <memory>
#include <quipu/configuration.hpp>
#include <string>

#include "command.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string file;
  bool as_json = false;
};

exit_code show(const arguments& given, output& out) {
  const auto values = effective_configuration({}, {.file = given.file, .environment = true});
  if (!values) {
    complain(values.error().text);
    return exit_code::wrong_usage;
  }
  std::size_t longest = 0;
  for (const auto& one : *values) longest = std::max(longest, one.name.size());
  for (const auto& one : *values) {
    if (given.as_json)
      out.line(line_of(
          json{{"key", one.name}, {"value", valid_utf8(one.value)}, {"source", valid_utf8(one.source)}}));
    else
      out.line(one.name + std::string(longest - one.name.size() + 2, ' ') +
               (one.value.empty() ? "-" : printable(one.value)) + "  (" + printable(one.source) + ")");
  }
  return exit_code::done;
}

constexpr auto footer =
    R"(What holds for a program that says nothing itself: the defaults, then the file, then the environment; later ones win.
Secrets are shown as an ellipsis. A mistake in the file or in the environment is named, with exit code 2.

Keys of --json, one object a line: key, value, source ("default", the file, or the variable).

Examples:
  quipu config show
  quipu config show --file quipu.json
  QUIPU_LOG_LEVEL=info quipu config show --json)";

}  // namespace

void add_config_show(CLI::App& config, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = config.add_subcommand("show", "Every key, its value, and where it came from");
  app->add_option("--file", given->file, "A file of configuration (JSON)");
  app->add_flag("--json", given->as_json, "One JSON object a line");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return show(*given, out); }; });
}

}  // namespace quipu::tool
