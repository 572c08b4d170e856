/// quipu journal trace
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "command.hpp"
#include "reading/causes.hpp"
#include "reading/commit_json.hpp"
#include "reading/opened_journal.hpp"
#include "reading/payload_reader.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string url;
  std::string command;
  bool as_json = false;
};

/// Reads the commits of a tree again, for what they hold.
class tree_printer {
 public:
  tree_printer(journal::journal& in, std::vector<journal::stored_schema> schemas, const id128& asked,
               bool as_json, output& out)
      : journal_(in), payloads_(std::move(schemas)), asked_(asked), as_json_(as_json), out_(out) {}

  /// False: it cannot be read.
  bool print(const std::vector<cause_node>& tree, std::size_t i);
  bool found_wrong() const { return found_wrong_; }

 private:
  shown_payload payload(const journal::type_ref& type, bytes_view bytes, position at);
  void print_text(const cause_node& node, const journal::record_view& in, const journal::commit_view& commit);
  void print_object(const std::vector<cause_node>& tree, std::size_t i, const journal::record_view& in,
                    const journal::commit_view& commit);
  json object_head(const std::vector<cause_node>& tree, std::size_t i) const;
  std::string mark(const cause_node& node) const { return node.command == asked_ ? "  <== asked for" : ""; }

  journal::journal& journal_;
  payload_reader payloads_;
  id128 asked_;
  bool as_json_;
  output& out_;
  bool found_wrong_ = false;
};

shown_payload tree_printer::payload(const journal::type_ref& type, bytes_view bytes, position at) {
  auto shown = payloads_.show(type, bytes);
  if (shown.damaged) {
    found_wrong_ = true;
    out_.flush();
    complain("the event at " + position_text(at) + ": " + shown.reason);
  }
  return shown;
}

json tree_printer::object_head(const std::vector<cause_node>& tree, std::size_t i) const {
  const auto& node = tree[i];
  return {{"command", node.command.hex()},
          {"depth", node.depth},
          {"parent", node.parent == i ? json(nullptr) : json(tree[node.parent].command.hex())},
          {"asked", node.command == asked_}};
}

bool tree_printer::print(const std::vector<cause_node>& tree, std::size_t i) {
  const auto& node = tree[i];
  if (!node.commit) {
    if (as_json_) {
      auto out = object_head(tree, i);
      out["position"] = nullptr;
      out_.line(line_of(out));
    } else {
      out_.line("command " + node.command.hex() +
                "  not in this journal: it was rejected, had no events, or belongs to another" + mark(node));
    }
    return true;
  }
  const auto number = node.commit->first.record();
  const auto read = journal_.read(number)->next();
  const auto again = [&](const std::string& why) {
    out_.flush();
    complain("record " + std::to_string(number) + " cannot be read again: " + why);
    return false;
  };
  if (!read) return again(describe(read.error()));
  if (!*read || (*read)->number != number) return again("it is not there any more");
  const auto view = journal::record_view::decode((*read)->data);
  if (!view) return again(describe(view.error()));
  for (std::uint32_t c = 0; c < view->commit_count(); ++c) {
    const auto commit = view->commit_at(c);
    if (commit.first_event != node.commit->first.index() || commit.event_count == 0) continue;
    as_json_ ? print_object(tree, i, *view, commit) : print_text(node, *view, commit);
    break;
  }
  return true;
}

void tree_printer::print_text(const cause_node& node, const journal::record_view& in,
                              const journal::commit_view& commit) {
  const std::string indent(2 * node.depth, ' ');
  auto head = indent + position_text(node.commit->first) + "  " + time_text(commit.time_us) + "  " +
              std::string(commit.category) + "/" + journal::escape_key(commit.key) + "  command " +
              node.command.hex();
  if (commit.source)
    head += "  (reaction " + reaction_text(*commit.source) + " to " + position_text(commit.source->at) +
            ", command " + std::to_string(commit.source->index) + ")";
  out_.line(head + mark(node));
  for (std::uint32_t i = 0; i < commit.event_count; ++i) {
    const auto event = commit.event(i);
    const auto type = in.type(event.type);
    const auto at = position::of(node.commit->first.record(), commit.first_event + i);
    out_.line(indent + "  @" + std::to_string(commit.first_sequence + i) + "  " + printable(type.name) +
              "  " + payload_text(event.payload, payload(type, event.payload, at)));
  }
}

void tree_printer::print_object(const std::vector<cause_node>& tree, std::size_t i,
                                const journal::record_view& in, const journal::commit_view& commit) {
  auto out = object_head(tree, i);
  const auto first = tree[i].commit->first;
  out["position"] = position_text(first);
  out["category"] = commit.category;
  out["key"] = journal::escape_key(commit.key);
  out["time"] = time_text(commit.time_us);
  put_origin(out, in, commit);
  out["events"] = json::array();
  for (std::uint32_t e = 0; e < commit.event_count; ++e) {
    const auto event = commit.event(e);
    const auto type = in.type(event.type);
    const auto at = position::of(first.record(), commit.first_event + e);
    json one{{"position", position_text(at)},
             {"id", journal::event_id(commit.category, commit.key, commit.first_sequence + e)}};
    put_payload(one, type, event.payload, payload(type, event.payload, at));
    out["events"].push_back(std::move(one));
  }
  if (commit.ended) out["ended"] = true;
  out_.line(line_of(out));
}

exit_code trace(const arguments& given, output& out) {
  const auto asked = id128::from_hex(given.command);
  if (!asked || !*asked) {
    complain(given.command +
             ": write the command's id, 32 hexadecimal digits, as quipu journal history shows it");
    return exit_code::wrong_usage;
  }
  auto opened = open_to_read(given.url);
  if (!opened) return give_up(opened.error());
  auto& journal = *opened->from;
  const auto& sum = opened->sum;

  cause_tree causes(journal, sum.first, sum.last, out);
  const auto tree = causes.around(*asked);
  tree_printer lines(journal, std::move(opened->schemas), *asked, given.as_json, out);
  auto outcome = causes.outcome();
  if (tree.empty() && outcome == exit_code::done)
    complain("no command " + given.command +
             " in this journal, and none that followed from it; a command that was rejected leaves nothing");
  for (std::size_t i = 0; i < tree.size() && out.wanted() && !interrupted(); ++i)
    if (!lines.print(tree, i)) outcome = exit_code::found_wrong;
  return outcome == exit_code::done && lines.found_wrong() ? exit_code::found_wrong : outcome;
}

constexpr auto footer =
    R"(A tree over all entities: what the command followed from, up to the first cause, and everything that followed from that,
each with its events. A command follows from another where it names it as its cause (quipu::caused_by) or where a reaction
sent it because of one of its events; a compensation (a refund) stands below the command whose reaction was refused. The
command that was asked for is marked. A command that left no events (rejected, or nothing to record) is known only where
others name it.

Reads the whole journal, once or twice, and keeps some 60 bytes for each command that names a cause.

Keys of --json, one object a command, parents before children:
  command, depth (0: the first cause), parent (its command; null with the first), asked (true: the one of the arguments)
  position       of its first event; null where it left none: then no more keys
  category, key, time, headers, trace, causation, source   as in quipu journal cat --help
  events         of each: position, id, type, schema, payload (or payload_bytes and payload_error)
  ended          true where the entity ended

Examples:
  quipu journal trace lmdb:data/journal 0195f3a07c2e7d0f8a1b2c3d4e5f6071
  quipu journal trace lmdb:data/journal 0195f3a07c2e7d0f8a1b2c3d4e5f6071 --json | jq -r '.events[].id')";

}  // namespace

void add_journal_trace(CLI::App& journal, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = journal.add_subcommand("trace", "What a command followed from, and what followed from it");
  app->add_option("URL", given->url, journal_urls)->required();
  app->add_option("COMMAND-ID", given->command, "32 hexadecimal digits")->required();
  app->add_flag("--json", given->as_json, "One JSON object a line instead of text");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return trace(*given, out); }; });
}

}  // namespace quipu::tool
