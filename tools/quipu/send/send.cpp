/// quipu send
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "send/command_body.hpp"
#include "send/sending.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string url;
  std::string entity;
  std::string command;
  std::string body;
  std::vector<std::string> modules;
  std::string directory;
  std::string id;
  double timeout_s = 30;
  bool dry_run = false;
  bool as_json = false;
};

exit_code wrong(const std::string& text) {
  complain(text);
  return exit_code::wrong_usage;
}

exit_code send(const arguments& given, output& out) {
  command_to_send what{.url = given.url, .directory = given.directory};
  auto entity = parse_entity(given.entity);
  if (!entity)
    return wrong(given.entity +
                 ": write category/key as events show it, for example account/acc-17 (a backslash is \\x5c)");
  what.entity = std::move(*entity);
  if (!given.id.empty()) {
    what.id = id128::from_hex(given.id);
    if (!what.id || !*what.id)
      return wrong("--command-id " + given.id + ": write 32 hexadecimal digits, not all zero");
  }
  if (!given.dry_run && !given.url.starts_with("lmdb:"))
    return wrong(
        "send decides commands on a local journal (lmdb:PATH) that no other process holds; on a server one "
        "sends "
        "through a runtime. --dry-run works there: it only reads");
  if (given.url == "lmdb:" && given.directory.empty())
    return wrong("lmdb: alone is the journal in --directory: give that, or write lmdb:PATH");
  what.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(given.timeout_s * 1000));

  const auto loaded = modules::load(given.modules);
  if (!loaded) return loaded.error();
  const auto type = loaded->must_find(what.entity.category);
  if (!type) return type.error();
  what.type = *type;
  const auto which = find_command(*what.type, given.command);
  if (!which) return wrong(which.error());
  what.which = *which;
  auto body = command_body(what.type->commands[*which].body, given.body);
  if (!body) return wrong(body.error());
  what.body = std::move(*body);

  std::optional<payload_reader> payloads;
  const auto outcome =
      given.dry_run ? try_command(what, *loaded, payloads, out) : send_command(what, *loaded, payloads);
  if (!outcome) return outcome.error();
  return print(*outcome, *payloads, given.as_json, out);
}

constexpr auto footer =
    R"(Opens the journal as a runtime does, with the module's entities, sends one command, prints its events and its reply, and
closes. It claims every partition first, so it needs a journal that no one else holds. Reactions and projections are not run:
those of the program do their part when it runs again. The module's code is run: give it what you trust.

COMMAND is the name of the command's table, bank.Deposit, or Deposit where only one has it; JSON is an object of its
fields. Its id may be given, so that sending it again is a repeat and not a second command.

The runtime's checkpoints are used where they are known: those beside the journal (lmdb:DIRECTORY/journal), or those in
--directory. Without them all is replayed, in a directory of this run's own.

--dry-run reads the entity's history, decides, and shows the events that would be recorded and what they would change. It
writes nothing, and works beside a live writer and on nats://.

Exit code 1: it was rejected, or the entity's own code threw.

Keys of --json, one object: entity, command (its id), dry_run, accepted, repeat, code and text (of a rejection), sequence,
position (of the entity's last event), events: [id, sequence, position, type, schema, payload (or payload_bytes and
payload_error)], ended, reply: {type, schema, payload}, changes: [{path, before, after}] (of a dry run).

Examples:
  quipu send lmdb:data/journal account/acc-17 bank.Deposit '{"amount": 50}' --module ./bank_module.so
  quipu send lmdb:data/journal account/acc-17 Withdraw '{"amount": 50}' --module ./bank_module.so --dry-run)";

}  // namespace

void add_send(CLI::App& app, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* send_app = app.add_subcommand("send", "Decide one command on a journal that no one else holds");
  send_app->add_option("URL", given->url, journal_urls)->required();
  send_app->add_option("ENTITY", given->entity, "category/key, the key as events show it")->required();
  send_app->add_option("COMMAND", given->command, "Name of the command's table")->required();
  send_app->add_option("JSON", given->body, "Its fields, as an object")->required();
  send_app->add_option("--module", given->modules, "The module with the entity; may be given again")
      ->required()
      ->type_name("FILE");
  send_app->add_option("--directory", given->directory, "The runtime's directory, with its checkpoints");
  send_app
      ->add_option("--command-id", given->id, "Of the command, 32 hexadecimal digits; otherwise a new one")
      ->type_name("HEX");
  send_app->add_option("--timeout", given->timeout_s, "Seconds until it is given up")
      ->check(CLI::Range(0.001, 86'400.0))
      ->capture_default_str();
  send_app->add_flag("--dry-run", given->dry_run, "Only show what it would do");
  send_app->add_flag("--json", given->as_json, "One JSON object instead of text");
  send_app->footer(footer);
  send_app->callback([given, &command] { command.run = [given](output& out) { return send(*given, out); }; });
}

}  // namespace quipu::tool
