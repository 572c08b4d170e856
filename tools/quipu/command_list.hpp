/// The program's commands, for what is made from them: man pages, completion, tests. `quipu --commands` prints it; help does not
/// mention it.
#pragma once

#include <CLI/CLI.hpp>

#include "terminal/printing.hpp"

namespace quipu::tool {

/// A line a command, groups and the program itself included: its full name, what it does, and its options with spaces between,
/// a tab between each. As JSON an object: command, group, does, takes: [name, positional, required, value (it takes one), url (of a
/// journal)].
void list_commands(const CLI::App& app, bool as_json, output& out);

}  // namespace quipu::tool
