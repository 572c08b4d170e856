/// quipu config keys
#include <memory>
#include <quipu/configuration.hpp>
#include <string>

#include "command.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  bool as_json = false;
  bool as_markdown = false;
};

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

// The table of docs/configuration.md.
void print_markdown(output& out) {
  out.line("| key | how it is written | default | environment | what for |");
  out.line("|---|---|---|---|---|");
  for (const auto& one : configuration_keys())
    out.line("| " + code(one.name) + " | " + one.type + (one.secret ? "; secret" : "") + " | " +
             code(one.standard) + " | " + code(one.variable) + " | " + one.reason + " |");
}

exit_code keys(const arguments& given, output& out) {
  if (given.as_markdown) {
    print_markdown(out);
    return exit_code::done;
  }
  for (const auto& one : configuration_keys()) {
    if (given.as_json) {
      out.line(line_of(json{{"key", one.name},
                            {"type", one.type},
                            {"default", one.standard},
                            {"environment", one.variable},
                            {"secret", one.secret},
                            {"reason", one.reason}}));
      continue;
    }
    out.line(one.name + "  (" + one.type + (one.secret ? ", secret" : "") + ")");
    out.line("    default: " + (one.standard.empty() ? "none" : one.standard) +
             "; environment: " + one.variable);
    out.line("    " + one.reason);
  }
  return exit_code::done;
}

constexpr auto footer = R"(Keys of --json, one object a line: key, type, default, environment, secret, reason.

Examples:
  quipu config keys
  quipu config keys --json)";

}  // namespace

void add_config_keys(CLI::App& config, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = config.add_subcommand("keys", "Every key: how it is written, its default, and what it is for");
  auto* as_json = app->add_flag("--json", given->as_json, "One JSON object a line");
  app->add_flag("--markdown", given->as_markdown, "As the table of docs/configuration.md")->excludes(as_json);
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return keys(*given, out); }; });
}

}  // namespace quipu::tool
