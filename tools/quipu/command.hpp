/// What the commands share: how one is added to the command line and what its end means.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <quipu/journal/failure.hpp>

#include "terminal/printing.hpp"

namespace quipu::tool {

/// What a caller in a script sees.
enum class exit_code : int {
  done = 0,
  found_wrong = 1,  ///< the program did its work and found damage
  wrong_usage = 2,
  not_opened = 3,  ///< could not reach, open or write
};

/// The command that the arguments name; empty until they were parsed.
struct chosen {
  std::function<exit_code(output&)> run;
};

/// The help of every command's URL.
inline constexpr auto journal_urls = "lmdb:PATH or nats://HOST:PORT/NAME";

/// Says on stderr why it did not work, and gives the exit code of that kind of failure.
exit_code give_up(const journal::failure& why);

// One a file: adds the command with its options and its help, and fills `chosen` where it is called for.
void add_config_keys(CLI::App& config, chosen& command);
void add_config_show(CLI::App& config, chosen& command);
void add_journal_create(CLI::App& journal, chosen& command);
void add_journal_info(CLI::App& journal, chosen& command);
void add_journal_cat(CLI::App& journal, chosen& command);
void add_journal_history(CLI::App& journal, chosen& command);
void add_journal_trace(CLI::App& journal, chosen& command);
void add_journal_verify(CLI::App& journal, chosen& command);
void add_journal_export(CLI::App& journal, chosen& command);
void add_journal_import(CLI::App& journal, chosen& command);
void add_journal_tail(CLI::App& journal, chosen& command);
void add_journal_index(CLI::App& journal, chosen& command);
void add_module_info(CLI::App& module, chosen& command);
void add_projection_ls(CLI::App& projection, chosen& command);
void add_projection_rows(CLI::App& projection, chosen& command);
void add_projection_status(CLI::App& projection, chosen& command);
void add_projection_promote(CLI::App& projection, chosen& command);
void add_projection_pause(CLI::App& projection, chosen& command);
void add_projection_resume(CLI::App& projection, chosen& command);
void add_dead_letter_ls(CLI::App& dead_letter, chosen& command);
void add_dead_letter_show(CLI::App& dead_letter, chosen& command);
void add_dead_letter_retry(CLI::App& dead_letter, chosen& command);
void add_dead_letter_skip(CLI::App& dead_letter, chosen& command);
void add_replay(CLI::App& app, chosen& command);
void add_send(CLI::App& app, chosen& command);
void add_snapshot_ls(CLI::App& snapshot, chosen& command);
void add_snapshot_show(CLI::App& snapshot, chosen& command);
void add_snapshot_verify(CLI::App& snapshot, chosen& command);
void add_snapshot_rebuild(CLI::App& snapshot, chosen& command);
void add_doctor(CLI::App& app, chosen& command);
void add_top(CLI::App& app, chosen& command);
void add_explain(CLI::App& app, chosen& command);

}  // namespace quipu::tool
