#include "send/command_body.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <quipu/journal/schema.hpp>
#include <vector>

namespace quipu::tool {
namespace {

std::string_view short_name(std::string_view name) { return name.substr(name.rfind('.') + 1); }

/// "owner string required, amount long", from the schema's canonical form: a table's name, then a field a line, indented, with
/// its number first.
std::string fields_of(const port::named_type& table) {
  const auto form = journal::canonical_form(table.binary);
  if (!form) return {};
  const auto head = "\ntable " + table.table() + "\n";
  auto at = form->find(head);
  if (at == std::string::npos) return {};
  std::string fields;
  for (at += head.size(); form->compare(at, 2, "  ") == 0;) {
    const auto end = form->find('\n', at);
    const auto line = std::string_view(*form).substr(at + 2, end - at - 2);
    fields += (fields.empty() ? "" : ", ") + std::string(line.substr(line.find(' ') + 1));
    at = end + 1;
  }
  return fields;
}

/// The parser does not say which field it stumbled over: each is tried alone.
std::string why_not(journal::schema_reader& reader, const port::named_type& command,
                    const nlohmann::json& members, std::string why) {
  while (why.ends_with('.')) why.pop_back();
  for (const auto& [name, value] : members.items()) {
    const auto alone = reader.from_json(command.table(), nlohmann::json{{name, value}}.dump());
    if (alone || alone.error().text.find("required field") != std::string::npos) continue;
    return "field " + name + ": " + value.dump() + " does not fit (" + why + ")";
  }
  return why;
}

}  // namespace

std::expected<std::uint32_t, std::string> find_command(const port::entity_type& type, std::string_view name) {
  std::string names;
  std::vector<std::uint32_t> by_short_name;
  for (std::uint32_t i = 0; i < type.commands.size(); ++i) {
    const auto& full = type.commands[i].body.name;
    if (full == name) return i;
    if (short_name(full) == name) by_short_name.push_back(i);
    names += (names.empty() ? "" : ", ") + full;
  }
  if (by_short_name.size() == 1) return by_short_name.front();
  return std::unexpected(type.category +
                         (by_short_name.empty() ? " takes no command " : " takes several commands ") +
                         std::string(name) + "; it takes " + (names.empty() ? "none" : names));
}

std::expected<bytes, std::string> command_body(const port::named_type& command, std::string_view text) {
  const auto fields = fields_of(command);
  const auto there_are =
      "; " + command.name + (fields.empty() ? " has no fields: write {}" : " has the fields: " + fields);
  // FlatBuffers takes more than JSON: what it would read otherwise than it looks is not let through.
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (!parsed.is_object())
    return std::unexpected("the command's JSON is no object" +
                           std::string(parsed.is_discarded() ? " (or no JSON at all)" : "") + there_are);
  auto reader = journal::schema_reader::open({command.binary.begin(), command.binary.end()});
  if (!reader) return std::unexpected(reader.error().text);
  auto body = reader->from_json(command.table(), text);
  if (!body) return std::unexpected(why_not(*reader, command, parsed, body.error().text) + there_are);
  return std::move(*body);
}

}  // namespace quipu::tool
