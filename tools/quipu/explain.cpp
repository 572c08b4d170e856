// `quipu explain`: what a code means and what to do; all of them, as a list or as docs/errors.md.
#include <quipu/journal/error_code.hpp>

#include <memory>
#include <string>

#include "command.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string code;
  bool as_json = false;
  bool as_markdown = false;
};

std::string_view area_of(std::string_view name) { return name.substr(0, name.find('.')); }

json json_of(const error_entry& entry) {
  return {{"code", entry.name}, {"kind", entry.kind}, {"means", entry.means}, {"cure", entry.cure}};
}

void print(const error_entry& entry, output& out) {
  out.line(std::string(entry.name) + " (" + std::string(entry.kind) + ")");
  out.line("  " + std::string(entry.means));
  out.line("  " + std::string(entry.cure));
}

constexpr auto preface =
    R"(# Errors

Every error has a kind, which says what became of the command or call (`quipu::error_kind`,
`quipu::journal::failure_kind`), a text with the particulars, and a code, which is one of these. A code keeps its
meaning for ever. `error.code` holds it in programs, `quipu::describe(error)` prints all of it, the command line ends
its messages with it, and `quipu explain CODE` prints what is said here:

```sh
build/release/tools/quipu/quipu explain storage.locked
```

This page is made from `journal/src/format/error_codes.cpp` by `quipu explain --markdown`.)";

void print_page(output& out) {
  out.line(preface);
  std::string_view area;
  for (const auto& entry : all_errors()) {
    if (area_of(entry.name) != area) {
      area = area_of(entry.name);
      out.line("\n## " + std::string(area) + "\n");
      out.line("| code | kind | meaning | what to do |");
      out.line("|---|---|---|---|");
    }
    out.line("| `" + std::string(entry.name) + "` | `" + std::string(entry.kind) + "` | " +
             std::string(entry.means) + " | " + std::string(entry.cure) + " |");
  }
}

/// For a code that there is none of: those of its area, or the areas.
std::string nearest(std::string_view code) {
  std::string in_area;
  std::string areas;
  std::string_view last;
  for (const auto& entry : all_errors()) {
    const auto area = area_of(entry.name);
    if (area == area_of(code)) in_area += " " + std::string(entry.name);
    if (area != last) areas += " " + std::string(area);
    last = area;
  }
  if (!in_area.empty()) return "there are:" + in_area;
  return "codes begin with one of:" + areas;
}

exit_code explain_codes(const arguments& given, output& out) {
  if (given.as_markdown) {
    print_page(out);
    return exit_code::done;
  }
  const auto show = [&](const error_entry& entry) {
    if (given.as_json)
      out.line(line_of(json_of(entry)));
    else
      print(entry, out);
  };
  if (given.code.empty()) {
    for (const auto& entry : all_errors()) show(entry);
    return exit_code::done;
  }
  const auto code = error_code_named(given.code);
  if (!code) {
    complain("there is no code \"" + given.code + "\"; " + nearest(given.code));
    return exit_code::wrong_usage;
  }
  show(explain(*code));
  return exit_code::done;
}

}  // namespace

void add_explain(CLI::App& app, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* explain = app.add_subcommand("explain", "Say what the code of an error means and what to do");
  explain->add_option("CODE", given->code, "A code as it ends a message; without one, all of them");
  explain->add_flag("--json", given->as_json, "One JSON object a line: code, kind, means, cure");
  explain->add_flag("--markdown", given->as_markdown, "All of them, as docs/errors.md")
      ->excludes("--json")
      ->excludes("CODE");
  explain->footer(R"(Examples:
  quipu explain storage.locked
  quipu explain journal.lost_records --json)");
  explain->callback(
      [given, &command] { command.run = [given](output& out) { return explain_codes(*given, out); }; });
}

}  // namespace quipu::tool
