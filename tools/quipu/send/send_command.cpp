#include <future>
#include <memory>
#include <quipu/checkpoints.hpp>
#include <quipu/journal/open.hpp>
#include <quipu/runtime.hpp>
#include <system_error>
#include <utility>

#include "replay/private_directory.hpp"
#include "send/sending.hpp"

namespace quipu::tool {
namespace {

/// lmdb:DIRECTORY/journal, as a runtime with `lmdb:` makes it: its checkpoints lie beside it.
std::filesystem::path directory_of(std::string_view url) {
  std::filesystem::path place(url.substr(5, url.find('?') - 5));
  if (!place.has_filename()) place = place.parent_path();
  if (place.filename() != "journal") return {};
  auto node = place.has_parent_path() ? place.parent_path() : std::filesystem::path(".");
  std::error_code ignored;
  return std::filesystem::is_directory(node / "checkpoints", ignored) ? node : std::filesystem::path();
}

/// A runtime would throw away checkpoints of another journal.
bool are_of(const std::filesystem::path& directory, const journal::journal& journal) {
  const auto found = checkpoints::open(directory);
  return !found || found->incarnation() == journal.about().incarnation;
}

/// The events of the command, from where the answer says that it ended.
exit_code read_events(journal::journal& from, const packed_answer& answer, sent_outcome& out) {
  const auto partition =
      journal::partition_of(journal::entity_hash(out.category, out.key), from.about().partitions);
  auto read = from.read(answer.position.record(), partition)->next();
  if (!read) return give_up(read.error());
  if (!*read || (*read)->number != answer.position.record()) return exit_code::done;  // it never had an event
  const auto view = journal::record_view::decode((*read)->data);
  if (!view) return give_up(view.error());
  for (std::uint32_t i = 0; i < view->commit_count(); ++i) {
    const auto commit = view->commit_at(i);
    if (commit.command != out.command || commit.key != out.key || commit.category != out.category) continue;
    for (std::uint32_t j = 0; j < commit.event_count; ++j) {
      const auto event = commit.event(j);
      const auto type = view->type(event.type);
      out.events.push_back({commit.first_sequence + j,
                            position::of((*read)->number, commit.first_event + j),
                            std::string(type.name),
                            type.schema,
                            {event.payload.begin(), event.payload.end()}});
    }
    out.ended = commit.ended;
  }
  return exit_code::done;
}

}  // namespace

std::expected<sent_outcome, exit_code> send_command(const command_to_send& what, const modules& with,
                                                    std::optional<payload_reader>& payloads) {
  auto opened = journal::open(what.url, {.mode = journal::access::write, .node_directory = what.directory});
  if (!opened) return std::unexpected(give_up(opened.error()));
  auto directory = what.directory.empty() ? directory_of(what.url) : what.directory;
  std::optional<private_directory> own;
  if (directory.empty()) {
    auto made = private_directory::make();
    if (!made) {
      complain(made.error());
      return std::unexpected(exit_code::not_opened);
    }
    directory = own.emplace(std::move(*made)).path();
  } else if (!are_of(directory, **opened)) {
    complain("the checkpoints in " + directory.string() +
             " belong to another journal: give the --directory of the runtime that writes this one");
    return std::unexpected(exit_code::wrong_usage);
  }
  options how;
  how.directory = directory;
  how.deadline = how.open_within = what.timeout;
  how.log.level = log_level::off;
  how.owner = "quipu send";
  auto node = runtime::open(with.domain_of(*what.type), std::move(*opened), how);
  if (!node) return std::unexpected(give_up(node.error()));

  std::promise<result<packed_answer>> told;
  auto answer = told.get_future();
  ask_options asked;
  asked.command = what.id ? *what.id : runtime::new_command_id();
  node->send(*what.type, what.which, what.entity.key, what.body, asked,
             [&told](result<packed_answer> got) { told.set_value(std::move(got)); });
  auto got = answer.get();  // at the deadline, at the latest
  if (!got) {
    complain("command " + asked.command->hex() + ":");
    return std::unexpected(give_up(got.error()));
  }
  sent_outcome out{.category = what.type->category, .key = what.entity.key, .command = *asked.command};
  out.repeat = got->repeat;
  out.sequence = got->sequence;
  out.at = got->position;
  const auto journal = node->journal();
  auto schemas = journal->schemas();
  if (!schemas) return std::unexpected(give_up(schemas.error()));
  payloads.emplace(std::move(*schemas));
  if (!got->accepted()) {
    out.rejected = got->rejected();
    return out;
  }
  if (const auto& reply = what.type->commands[what.which].reply) {
    out.reply_type = reply->name;
    out.reply_schema = reply->schema;
    out.reply = got->value();
  }
  if (auto code = read_events(*journal, *got, out); code != exit_code::done) return std::unexpected(code);
  return out;
}

}  // namespace quipu::tool
