#include "command_list.hpp"

#include <string>

#include "command.hpp"

namespace quipu::tool {
namespace {

std::vector<const CLI::App*> below(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string line_for(const CLI::App& app, const std::string& name) {
  std::string options;
  for (const auto* option : app.get_options())
    for (const auto& word : option->get_lnames()) options += (options.empty() ? "--" : " --") + word;
  return name + "\t" + app.get_description() + "\t" + options;
}

json object_for(const CLI::App& app, const std::string& name) {
  json takes = json::array();
  for (const auto* option : app.get_options())
    takes.push_back({{"name", (option->get_positional() ? "" : "--") + option->get_single_name()},
                     {"positional", option->get_positional()},
                     {"required", option->get_required()},
                     {"value", option->get_expected_max() > 0},
                     {"url", option->get_description().find(journal_urls) != std::string::npos}});
  return {{"command", name},
          {"group", !below(app).empty()},
          {"does", app.get_description()},
          {"takes", std::move(takes)}};
}

void list(const CLI::App& app, const std::string& name, bool as_json, output& out) {
  out.line(as_json ? line_of(object_for(app, name)) : line_for(app, name));
  for (const auto* one : below(app)) list(*one, name + " " + one->get_name(), as_json, out);
}

}  // namespace

void list_commands(const CLI::App& app, bool as_json, output& out) {
  list(app, app.get_name(), as_json, out);
}

}  // namespace quipu::tool
