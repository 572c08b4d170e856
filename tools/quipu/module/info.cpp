/// quipu module info
#include <quipu/module.hpp>
#include <quipu/projections/projection_type.hpp>

#include <memory>
#include <string>
#include <vector>

#include "command.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string file;
  bool as_json = false;
};

json to_json(const port::named_type& type) {
  json line{{"type", valid_utf8(type.name)}, {"schema", type.schema.hex()}};
  if (!type.today.empty() && type.today != type.name) line["today"] = valid_utf8(type.today);
  return line;
}

json to_json(const port::entity_type& entity) {
  json out{{"category", entity.category},
           {"fingerprint", entity.fingerprint.hex()},
           {"repeats", {{"count", entity.window.count}, {"seconds", entity.window.age.count()}}},
           {"takes_unknown_events", entity.takes_unknown_events},
           {"commands", json::array()},
           {"events", json::array()},
           {"stored", json::array()}};
  for (const auto& command : entity.commands) {
    auto line = to_json(command.body);
    line["reply"] = command.reply ? to_json(*command.reply) : json(nullptr);
    out["commands"].push_back(std::move(line));
  }
  for (const auto& event : entity.events) out["events"].push_back(to_json(event));
  for (const auto& type : entity.schemas) out["stored"].push_back(to_json(type));
  return out;
}

json to_json(const port::projection_type& projection) {
  json out{{"name", projection.name},
           {"version", projection.version},
           {"fingerprint", projection.fingerprint.hex()},
           {"tables", json::array()},
           {"events", json::array()}};
  for (const auto& table : projection.tables) {
    if (!table.further) {
      out["tables"].push_back(
          {{"name", table.name}, {"row", valid_utf8(table.row.name)}, {"by", json::array()}});
    } else {
      out["tables"].back()["by"].push_back(table.name.substr(table.name.find('.') + 1));
    }
  }
  for (const auto& event : projection.events) {
    if (event.wanted)
      out["events"].push_back({{"category", event.category}, {"type", valid_utf8(event.type.name)}});
  }
  return out;
}

json to_json(const module& loaded) {
  json out{{"file", valid_utf8(loaded.file().string())},
           {"quipu", QUIPU_VERSION},
           {"abi", QUIPU_ABI},
           {"domain", valid_utf8(loaded.domain().name())},
           {"entities", json::array()},
           {"projections", json::array()}};
  for (const auto* entity : loaded.domain().entities()) out["entities"].push_back(to_json(*entity));
  for (const auto& one : loaded.domain().projections()) out["projections"].push_back(to_json(*one.type));
  return out;
}

std::string text_of(const port::named_type& type) {
  const bool renamed = !type.today.empty() && type.today != type.name;
  return printable(type.name) + (renamed ? " (today " + printable(type.today) + ")" : "");
}

void print(output& out, const port::entity_type& entity) {
  out.line("\nentity " + printable(entity.category));
  out.line("  state    fingerprint " + entity.fingerprint.hex());
  out.line("  repeats  known for " + std::to_string(entity.window.age.count()) + " s, " +
           std::to_string(entity.window.count) + " of them");
  out.line("  commands");
  for (const auto& command : entity.commands)
    out.line("    " + text_of(command.body) + (command.reply ? ", answers " + text_of(*command.reply) : ""));
  out.line("  events");
  for (const auto& event : entity.events) out.line("    " + text_of(event));
  if (entity.takes_unknown_events) out.line("    and any other");
  out.line("  stored types, with their schemas");
  for (const auto& type : entity.schemas) out.line("    " + text_of(type) + ", schema " + type.schema.hex());
}

void print(output& out, const port::projection_type& projection) {
  out.line("\nprojection " + printable(projection.name));
  out.line("  version  " + std::to_string(projection.version) + ", fingerprint " +
           projection.fingerprint.hex());
  out.line("  tables");
  for (const auto& table : projection.tables)
    out.line("    " + printable(table.name) +
             (table.further ? ", a further key" : " of " + text_of(table.row)));
  out.line("  wanted events");
  for (const auto& event : projection.events)
    if (event.wanted) out.line("    " + printable(event.category) + ": " + text_of(event.type));
}

exit_code info(const arguments& given, output& out) {
  const auto loaded = load_module(given.file);
  if (!loaded) {
    complain(loaded.error().text);
    return exit_code::not_opened;
  }
  if (given.as_json) {
    out.line(line_of(to_json(*loaded)));
    return exit_code::done;
  }
  out.line("module   " + printable(loaded->file().string()));
  out.line("quipu    " QUIPU_VERSION " (" QUIPU_ABI ")");
  out.line("domain   " + printable(loaded->domain().name()));
  for (const auto* entity : loaded->domain().entities()) print(out, *entity);
  for (const auto& one : loaded->domain().projections()) print(out, *one.type);
  return exit_code::done;
}

constexpr auto footer = R"(Loads the module, which runs its code: give it what you trust.

Keys of --json: file, quipu, abi (both of the module and of this program: they must be the same), domain,
entities: [category, fingerprint, repeats: {count, seconds}, takes_unknown_events,
commands: [type, schema, reply: {type, schema} or null], events: [type, schema, today (its name now, where it was
renamed)], stored: [type, schema] (all that a journal's schemas are compared with)],
projections: [name, version, fingerprint, tables: [name, row, by: [name]], events: [category, type] (those it wants)].

Examples:
  quipu module info ./bank_module.so
  quipu module info ./bank_module.so --json | jq .entities[].commands)";

}  // namespace

void add_module_info(CLI::App& module, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app =
      module.add_subcommand("info", "Entities, commands, events, schemas and projections of a module");
  app->footer(footer);
  app->add_option("FILE", given->file, "the shared library that quipu_add_module() made")->required();
  app->add_flag("--json", given->as_json, "one JSON object");
  app->callback([given, &command] { command.run = [given](output& out) { return info(*given, out); }; });
}

}  // namespace quipu::tool
