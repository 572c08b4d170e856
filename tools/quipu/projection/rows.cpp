/// quipu projection rows
#include <quipu/projections/key_shape.hpp>
#include <quipu/projections/read_models.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "projection/chosen_projections.hpp"
#include "projection/key_range.hpp"
#include "projection/named_projection.hpp"
#include "projection/row_printer.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string name;
  std::string directory;
  std::string module;
  std::string table;
  std::string by;
  std::uint32_t generation = 0;
  key_arguments keys;
  std::vector<std::string> where;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  bool reverse = false;
  bool as_json = false;
};

exit_code wrong(const std::string& text) {
  complain(text);
  return exit_code::wrong_usage;
}

/// One table to walk, by its own keys or by a further one.
struct walked_table {
  std::uint32_t rows = 0;  ///< the table of the rows
  std::uint32_t keys = 0;  ///< the table that is walked
  std::optional<key_shape> further;
  key_range range;
};

std::string own_name(const port::projection_table& further) {
  return further.name.substr(further.name.find('.') + 1);
}

class walk {
 public:
  walk(const port::projection_type& what, port::row_snapshot& rows, const arguments& given, output& out)
      : what_(what), rows_(rows), given_(given), out_(out), left_(given.limit) {}

  std::optional<exit_code> choose() {
    std::string names;
    for (std::uint32_t i = 0; i < what_.tables.size(); ++i) {
      const auto& table = what_.tables[i];
      if (table.further) continue;
      names += (names.empty() ? "" : ", ") + table.name;
      if (given_.table.empty() || given_.table == table.name) chosen_.push_back({.rows = i, .keys = i});
    }
    if (chosen_.empty())
      return wrong("there is no table " + given_.table + " in " + what_.name + "; there are: " + names);
    if (chosen_.size() > 1 && (given_.keys.any() || !given_.by.empty()))
      return wrong("name a table with --table: keys are those of one; there are: " + names);
    if (!given_.by.empty()) {
      if (auto code = choose_further(chosen_.front())) return code;
    }
    if (given_.keys.any()) return bound(chosen_.front());
    return std::nullopt;
  }

  exit_code operator()() {
    auto outcome = exit_code::done;
    for (const auto& table : chosen_) {
      if (left_ == 0 || !out_.wanted() || interrupted()) break;
      row_printer lines(what_.tables[table.rows], conditions_, given_.as_json, out_);
      each(table, [&](std::string_view key) {
        const auto row = rows_.get(table.rows, key);
        if (row && lines.print(key, *row)) --left_;
        return left_ > 0 && out_.wanted() && !interrupted();
      });
      if (lines.found_damage()) outcome = exit_code::found_wrong;
    }
    const bool narrowed = given_.keys.any() || !conditions_.empty();
    if (outcome == exit_code::done && narrowed && left_ == given_.limit && left_ > 0 && !interrupted()) {
      out_.flush();
      complain("no such row in " + what_.name);
    }
    return outcome;
  }

  std::vector<condition> conditions_;

 private:
  std::optional<exit_code> choose_further(walked_table& table) {
    std::string names;
    for (auto i = table.rows + 1; i < what_.tables.size() && what_.tables[i].further; ++i) {
      const auto name = own_name(what_.tables[i]);
      names += (names.empty() ? "" : ", ") + name;
      if (name != given_.by) continue;
      table.keys = i;
      table.further = key_shape::parse(what_.tables[i].key);
      if (table.further) return std::nullopt;
      return wrong("the key " + name + " is of a kind that this program does not know");
    }
    return wrong("the table " + what_.tables[table.rows].name + " has no further key " + given_.by +
                 (names.empty() ? "" : "; there are: " + names));
  }

  std::optional<exit_code> bound(walked_table& table) {
    const auto shape = table.further ? table.further : key_shape::parse(what_.tables[table.rows].key);
    if (!shape)
      return wrong("the keys of " + what_.tables[table.rows].name +
                   " are of a kind that this program does not know");
    auto range = range_of(given_.keys, *shape, table.further.has_value());
    if (!range) return wrong(range.error());
    table.range = std::move(*range);
    return std::nullopt;
  }

  /// `visit(the row's key)` until it returns false.
  template <class F>
  void each(const walked_table& table, F&& visit) {
    const auto& range = table.range;
    std::optional<std::string> at = given_.reverse ? range.beyond : range.first;
    for (;;) {
      const auto found = given_.reverse ? rows_.before(table.keys, at) : rows_.at_or_after(table.keys, *at);
      if (!found || range.begins_behind(found->key) || range.ends_before(found->key)) return;
      at = found->key;
      std::string_view key = *at;
      if (table.further) table.further->text(key, false);
      if (!visit(key)) return;
      if (!given_.reverse) at->push_back('\0');
    }
  }

  const port::projection_type& what_;
  port::row_snapshot& rows_;
  const arguments& given_;
  output& out_;
  std::uint64_t left_;
  std::vector<walked_table> chosen_;
};

exit_code show(const arguments& given, const port::projection_type& what, std::uint32_t generation,
               read_models& models, output& out) {
  auto rows = models.look_at(what, generation);
  if (!rows) return give_up(rows.error());
  walk work(what, **rows, given, out);
  for (const auto& text : given.where) {
    auto one = parse_condition(text);
    if (!one) return wrong("--where " + text + ": " + one.error());
    work.conditions_.push_back(std::move(*one));
  }
  if (const auto code = work.choose()) return *code;
  try {
    return work();
  } catch (const port::row_trouble& trouble) {
    out.flush();
    return give_up(trouble.why);
  } catch (const port::damaged_payload& damage) {
    out.flush();
    complain("a further key of " + what.name + " does not hold: " + damage.what() +
             "; rebuild the projection");
    return exit_code::found_wrong;
  }
}

exit_code rows(const arguments& given, output& out) {
  read_models models(given.directory);
  const auto kept = find_projection(models, given.directory, given.name);
  if (!kept) return kept.error();
  const kept_generation_facts* which = given.generation == 0 ? kept->live() : nullptr;
  std::string numbers;
  for (const auto& one : kept->generations) {
    numbers += (numbers.empty() ? "" : ", ") + std::to_string(one.number);
    if (one.number == given.generation) which = &one;
  }
  if (which == nullptr)
    return wrong(given.generation == 0 ? "no generation of " + given.name +
                                             " is live: name one with --generation; there are: " + numbers
                                       : given.name + " has no generation " +
                                             std::to_string(given.generation) + "; there are: " + numbers);
  if (!which->trouble.empty()) {
    complain(which->trouble);
    return exit_code::not_opened;
  }
  if (!given.module.empty()) {
    const auto what = choose({.modules = {given.module}, .names = {given.name}});
    return what ? show(given, *what->front(), which->number, models, out) : what.error();
  }
  const auto described = models.described(given.name, which->number);
  if (!described) return give_up(described.error());
  if (*described) return show(given, **described, which->number, models, out);
  return wrong(
      "the read model does not say which tables it has, for an older Quipu kept it last: name the module "
      "that "
      "has the projection with --module");
}

constexpr auto footer =
    R"(One line a row: table, key, the row as JSON by the schema that lies in the read model (older ones have none: --module). All
rows are those of one commit, also beside a program that goes on writing; while the output waits for its reader the store
can't use old pages again, so do not leave it in a pager for long.

Keys are written as they are shown: text as it is, with \xHH for what is not printable ASCII; numbers; an event's id,
account/acc-17@3; several parts, (SFO, 7). --key, --from and --to also take the beginning of an id (account/acc-17) or of
parts ((SFO)). --to is the last one that is shown. With --by they are about that further key, and rows come in its order.

--where takes a JSON pointer, one of == != < <= > >=, and a JSON value; what is not there is null. Given again, all must hold.

Exit codes: 0 done; 1 a row does not hold; 2 wrong usage; 3 could not reach or open.

Keys of --json, an object a row: table, key, row (null where it can't be decoded: then row_bytes (HEX) and row_error say what and
why).

Examples:
  quipu projection rows balances --directory data --key acc-17
  quipu projection rows balances --directory data --by owner --key ada
  quipu projection rows balances --directory data --where '/amount > 100' --limit 10
  quipu projection rows statement --directory data --prefix account/acc-17 --reverse --json | jq .row.what)";

}  // namespace

void add_projection_rows(CLI::App& projection, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = projection.add_subcommand("rows", "Print rows");
  app->footer(footer);
  const auto not_empty = [](const std::string& text) { return std::string(text.empty() ? "is empty" : ""); };
  app->add_option("PROJECTION", given->name, "Its name")->required();
  app->add_option("--directory", given->directory, "The node's directory, in which read-models/ lies")
      ->required();
  app->add_option("--module", given->module, "The shared library that has the projection")->check(not_empty);
  app->add_option("--table", given->table, "Only this table")->check(not_empty);
  app->add_option("--generation", given->generation, "Which one; the live one")->check(CLI::PositiveNumber);
  auto* key = app->add_option("--key", given->keys.key, "The row with this key")->check(not_empty);
  auto* prefix = app->add_option("--prefix", given->keys.prefix, "Rows whose key begins so")
                     ->check(not_empty)
                     ->excludes(key);
  app->add_option("--from", given->keys.from, "Begin with this key")
      ->check(not_empty)
      ->excludes(key)
      ->excludes(prefix);
  app->add_option("--to", given->keys.to, "End with this key")
      ->check(not_empty)
      ->excludes(key)
      ->excludes(prefix);
  app->add_option("--by", given->by, "In the order of this further key")->check(not_empty);
  app->add_option("--where", given->where, where_help)->allow_extra_args(false);
  app->add_option("--limit", given->limit, "Stop after this many rows")->check(CLI::NonNegativeNumber);
  app->add_flag("--reverse", given->reverse, "From the last one to the first");
  app->add_flag("--json", given->as_json, "One JSON object a line instead of text");
  app->callback([given, &command] { command.run = [given](output& out) { return rows(*given, out); }; });
}

}  // namespace quipu::tool
