/// The program `quipu`: parses the command line and runs the command that it names.
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <quipu/version.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "command.hpp"
#include "command_list.hpp"
#include "terminal/help_text.hpp"
#include "terminal/interruption.hpp"
#include "terminal/screen.hpp"

namespace quipu::tool {

namespace {

constexpr auto footer =
    R"(URLs of journals: lmdb:PATH, or nats://HOST:PORT/NAME for JetStream. Who one is to a NATS server is taken from the
environment (QUIPU_NATS_USER, QUIPU_NATS_PASSWORD, QUIPU_NATS_TOKEN, QUIPU_NATS_CREDS, QUIPU_NATS_CA and others:
docs/jetstream.md), so that the list of processes does not show it.

Exit codes: 0 done, 1 found something wrong, 2 wrong usage, 3 could not reach or open.

Examples:
  quipu journal info nats://127.0.0.1:4222/bank
  quipu journal cat lmdb:data/journal --entity account/acc-17
  quipu journal cat --help
  quipu config show --file quipu.json
  quipu module info ./bank_module.so
  quipu replay --module ./bank_module.so --all --directory data lmdb:data/journal --dry-run
  quipu projection status --directory data --journal lmdb:data/journal
  quipu journal history lmdb:data/journal account/acc-17 --module ./bank_module.so
  quipu send lmdb:data/journal account/acc-17 Deposit '{"amount": 50}' --module ./bank_module.so --dry-run
  quipu snapshot ls --directory data
  quipu projection rows balances --directory data --where '/amount > 100'
  quipu dead-letter ls --directory data
  quipu doctor lmdb:data/journal --directory data
  quipu explain storage.locked)";

constexpr auto journal_footer =
    R"(All but create and import only read the journal: they may run beside a live writer.
    R"(info, cat, tail and index only read the journal: they may run beside a live writer.

Examples:
  quipu journal create lmdb:data/journal --partitions 16
  quipu journal info lmdb:data/journal
  quipu journal cat lmdb:data/journal --limit 10
  quipu journal history lmdb:data/journal account/acc-17
  quipu journal verify lmdb:data/journal
  quipu journal import lmdb:data/journal nats://127.0.0.1:4222/bank)";

constexpr auto config_footer =
    R"(Options come from code, a JSON file and the environment: docs/configuration.md.

Examples:
  quipu config keys
  quipu config show --file quipu.json)";

constexpr auto module_footer = R"(Loading a module runs its code: docs/install.md says how one is made.

Examples:
  quipu module info ./bank_module.so)";

constexpr auto projection_footer =
    R"(Read models lie in DIRECTORY/read-models: docs/guide-projection.md. quipu replay rebuilds them.

Examples:
  quipu projection ls --directory data
  quipu projection rows balances --directory data --key acc-17
  quipu projection status --directory data --journal lmdb:data/journal
  quipu projection pause balances --directory data --reason "the disk is moved")";

constexpr auto snapshot_footer =
    R"(Snapshots lie in DIRECTORY/checkpoints, a cache of the journal: what is lost of them is replayed.

Examples:
  quipu snapshot ls --directory data --journal lmdb:data/journal
  quipu snapshot verify --directory data --journal lmdb:data/journal --module ./bank_module.so)";

constexpr auto dead_letter_footer =
    R"(An event that a projection could not apply waits here, and the later ones of its entity behind it: docs/guide-projection.md.

Examples:
  quipu dead-letter ls --directory data
  quipu dead-letter show balances account/acc-17@3 --directory data --journal lmdb:data/journal
  quipu dead-letter retry balances --all --directory data
  quipu dead-letter skip balances account/acc-17@3 --directory data --reason "typed twice")";

/// The innermost command that was named.
const CLI::App& innermost(const CLI::App& app) {
  const auto* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().back();
  return *at;
}

std::string full_name(const CLI::App& command) {
  const auto* parent = command.get_parent();
  return (parent == nullptr ? "" : full_name(*parent) + " ") + command.get_name();
}

/// For a group without a command: what was written instead of one, and which there are.
std::string which_commands(const CLI::App& group) {
  std::string text;
  if (auto other = group.remaining(); !other.empty()) text = "\"" + other.front() + "\" is no command. ";
  std::string names;
  for (const auto* command : group.get_subcommands([](const CLI::App*) { return true; })) {
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  return text + full_name(group) + " has the commands: " + names;
}

/// Help and version on stdout; what is wrong on stderr, where arguments come back escaped.
exit_code answer_parsing(const CLI::App& app, const CLI::ParseError& error, output& out) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    std::ostringstream text;
    app.exit(error, text, text);
    auto help = std::move(text).str();
    while (!help.empty() && help.back() == '\n') help.pop_back();
    constexpr std::size_t narrowest = 40;
    constexpr std::size_t widest = 110;
    const auto columns = screen::there() ? terminal_size().columns : widest;
    out.line(fitted(help, std::clamp(columns, narrowest, widest)));
    return exit_code::done;
  }
  const auto& command = innermost(app);
  bool is_group = command.get_require_subcommand_min() > 0;
  complain(is_group ? which_commands(command) : error.what());
  complain("see " + full_name(command) + " --help");
  return exit_code::wrong_usage;
}

exit_code run(int count, char** arguments, output& out) {
  CLI::App app("quipu: see into journals and modules, and look after projections", "quipu");
  chosen command;
  app.set_version_flag("--version", "quipu " QUIPU_VERSION);
  app.require_subcommand(1);
  app.footer(footer);
  auto* journal = app.add_subcommand("journal", "Make, describe, read, check and copy journals");
  journal->require_subcommand(1);
  journal->footer(journal_footer);
  add_journal_create(*journal, command);
  add_journal_info(*journal, command);
  add_journal_cat(*journal, command);
  add_journal_tail(*journal, command);
  add_journal_history(*journal, command);
  add_journal_trace(*journal, command);
  add_journal_verify(*journal, command);
  add_journal_export(*journal, command);
  add_journal_import(*journal, command);
  add_journal_index(*journal, command);
  auto* config = app.add_subcommand("config", "Describe and show the configuration of a runtime");
  config->require_subcommand(1);
  config->footer(config_footer);
  add_config_keys(*config, command);
  add_config_show(*config, command);
  auto* module = app.add_subcommand("module", "Describe domains that were built as shared libraries");
  module->require_subcommand(1);
  module->footer(module_footer);
  add_module_info(*module, command);
  auto* projection = app.add_subcommand("projection", "Look after projections, whoever keeps them");
  projection->require_subcommand(1);
  projection->footer(projection_footer);
  add_projection_ls(*projection, command);
  add_projection_rows(*projection, command);
  add_projection_status(*projection, command);
  add_projection_promote(*projection, command);
  add_projection_pause(*projection, command);
  add_projection_resume(*projection, command);
  auto* snapshot =
      app.add_subcommand("snapshot", "Look into a runtime's snapshots, check them and make them anew");
  snapshot->require_subcommand(1);
  snapshot->footer(snapshot_footer);
  add_snapshot_ls(*snapshot, command);
  add_snapshot_show(*snapshot, command);
  add_snapshot_verify(*snapshot, command);
  add_snapshot_rebuild(*snapshot, command);
  auto* dead_letter = app.add_subcommand("dead-letter", "Events that projections could not apply");
  dead_letter->require_subcommand(1);
  dead_letter->footer(dead_letter_footer);
  add_dead_letter_ls(*dead_letter, command);
  add_dead_letter_show(*dead_letter, command);
  add_dead_letter_retry(*dead_letter, command);
  add_dead_letter_skip(*dead_letter, command);
  add_replay(app, command);
  add_send(app, command);
  add_doctor(app, command);
  add_top(app, command);
  add_explain(app, command);
  if (count > 1 && std::string_view(arguments[1]) == "--commands") {
    list_commands(app, count > 2 && std::string_view(arguments[2]) == "--json", out);
    return exit_code::done;
  }
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return answer_parsing(app, error, out);
  }
  return command.run(out);
}

}  // namespace
}  // namespace quipu::tool

int main(int count, char** arguments) {
  using namespace quipu::tool;
  prepare_process();
  auto code = exit_code::not_opened;
  output out(STDOUT_FILENO);
  try {
    code = run(count, arguments, out);
  } catch (const std::exception& error) {
    complain(std::string("internal error: ") + error.what());
  }
  out.flush();
  if (out.error() != 0) {
    complain(std::string("cannot write the output: ") +
             std::strerror(out.error()));  // NOLINT(concurrency-mt-unsafe)
    code = exit_code::not_opened;
  }
  die_if_interrupted();
  return static_cast<int>(code);
}
