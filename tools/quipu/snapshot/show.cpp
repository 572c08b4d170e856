/// quipu snapshot show
#include <algorithm>
#include <memory>
#include <quipu/checkpoints.hpp>
#include <string>
#include <vector>

#include "command.hpp"
#include "reading/entity_name.hpp"
#include "reading/modules.hpp"
#include "reading/state_reader.hpp"
#include "snapshot/snapshot_name.hpp"

namespace quipu::tool {
namespace {

/// Of the commands that an entity remembers, in text.
constexpr std::size_t newest_shown = 10;

struct arguments {
  std::string directory;
  std::string entity;
  std::vector<std::string> modules;
  bool as_json = false;
};

/// The state, or why it is shown as bytes.
shown_state state_of(const stored_snapshot& stored, const port::entity_type* type) {
  if (!stored.exists) return {nullptr, {}};
  if (type == nullptr) return {nullptr, "without --module"};
  if (type->fingerprint != stored.fingerprint)
    return {nullptr, "the module has another state or version, of fingerprint " + type->fingerprint.hex()};
  return state_reader(*type).show(stored.state);
}

void print_text(const stored_snapshot& stored, const shown_state& state, output& out) {
  out.line(shown_name(stored.category, stored.key) + "@" + std::to_string(stored.sequence) + "  " +
           position_text(stored.position) + (stored.time_us == 0 ? "" : "  " + time_text(stored.time_us)));
  out.line("fingerprint  " + stored.fingerprint.hex());
  if (!stored.exists)
    out.line("absent: it has ended");
  else if (state.known())
    out.line("state        " + printable(line_of(state.state)));
  else
    out.line("state        bytes " + hex(stored.state) + " (" + printable(state.reason) + ")");
  if (stored.marks > 0) out.line("keeps marks of " + std::to_string(stored.marks) + " commands of reactions");
  out.line("remembers " + std::to_string(stored.remembered.size()) +
           (stored.remembered.size() == 1 ? " command" : " commands"));
  const auto shown = std::min<std::size_t>(stored.remembered.size(), newest_shown);
  if (shown < stored.remembered.size())
    out.line("  the newest " + std::to_string(shown) + " (--json has all):");
  for (auto i = stored.remembered.size() - shown; i < stored.remembered.size(); ++i) {
    const auto& one = stored.remembered[i];
    out.line("  " + one.command.hex() + "  @" + std::to_string(one.sequence) + "  " +
             position_text(one.position) + "  " + time_text(one.time_us));
  }
}

json object_of(const stored_snapshot& stored, const shown_state& state) {
  json out{{"entity", shown_name(stored.category, stored.key)},
           {"sequence", stored.sequence},
           {"position", position_text(stored.position)},
           {"time", stored.time_us == 0 ? json(nullptr) : json(time_text(stored.time_us))},
           {"incarnation", stored.incarnation.hex()},
           {"fingerprint", stored.fingerprint.hex()},
           {"exists", stored.exists},
           {"state", state.state},
           {"bytes", stored.size}};
  if (!state.known()) {
    out["state_bytes"] = hex(stored.state);
    out["state_error"] = valid_utf8(state.reason);
  }
  out["marks"] = stored.marks;
  out["remembered"] = json::array();
  for (const auto& one : stored.remembered)
    out["remembered"].push_back({{"command", one.command.hex()},
                                 {"sequence", one.sequence},
                                 {"position", position_text(one.position)},
                                 {"time", time_text(one.time_us)}});
  return out;
}

exit_code show(const arguments& given, output& out) {
  const auto entity = parse_entity(given.entity);
  if (!entity) {
    complain(given.entity +
             ": write category/key as events show it, for example account/acc-17 (a backslash is \\x5c)");
    return exit_code::wrong_usage;
  }
  const auto loaded = modules::load(given.modules);
  if (!loaded) return loaded.error();
  const port::entity_type* type = nullptr;
  if (!loaded->empty()) {
    const auto found = loaded->must_find(entity->category);
    if (!found) return found.error();
    type = *found;
  }
  auto opened = checkpoints::open(given.directory);
  if (!opened) return give_up(opened.error());
  const auto stored = opened->find(entity->category, entity->key);
  if (!stored) {
    complain("the snapshot of " + given.entity + ": " + describe(stored.error()));
    return exit_code::found_wrong;
  }
  if (!*stored) {
    complain("no snapshot of " + given.entity +
             ": its events, where it has any, lie behind the snapshots and are replayed");
    return exit_code::done;
  }
  const auto state = state_of(**stored, type);
  if (given.as_json)
    out.line(line_of(object_of(**stored, state)));
  else
    print_text(**stored, state, out);
  return exit_code::done;
}

constexpr auto footer =
    R"(One entity's snapshot: up to which event, its state, and the commands that it remembers, so that their repeats get their
first answers. With --module the state is shown as JSON, else as bytes. Runs beside the runtime.

Keys of --json, one object: entity, sequence, position, time (of the last event in it; null where an older program wrote it),
incarnation (of the journal), fingerprint, exists (false: it has ended), state (null: none, or not readable: then state_bytes,
HEX, and state_error), bytes (of the whole snapshot), marks (of reactions' commands), remembered: [command, sequence, position,
time].

Examples:
  quipu snapshot show --directory data account/acc-17 --module ./bank_module.so
  quipu snapshot show --directory data account/acc-17 --json)";

}  // namespace

void add_snapshot_show(CLI::App& snapshot, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = snapshot.add_subcommand("show", "One entity's snapshot");
  app->add_option("ENTITY", given->entity, "category/key, the key as events show it")->required();
  app->add_option("--directory", given->directory, "The runtime's directory")->required();
  app->add_option("--module", given->modules, "Show the state as JSON, by this module; may be given again")
      ->type_name("FILE");
  app->add_flag("--json", given->as_json, "One JSON object instead of text");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return show(*given, out); }; });
}

}  // namespace quipu::tool
