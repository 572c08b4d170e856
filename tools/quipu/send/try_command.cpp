#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <quipu/entity_image.hpp>
#include <quipu/journal/open.hpp>
#include <quipu/port/command.hpp>
#include <quipu/runtime.hpp>
#include <utility>

#include "reading/entity_scan.hpp"
#include "reading/state_reader.hpp"
#include "send/sending.hpp"

namespace quipu::tool {
namespace {

/// What the entity's own code threw.
std::string thrown() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

/// The schemas of everything that the module may decide.
std::vector<journal::stored_schema> schemas_of(const port::entity_type& type) {
  std::vector<journal::stored_schema> all;
  for (const auto& one : type.schemas) {
    const auto known = [&](const auto& other) { return other.hash == one.schema; };
    if (std::ranges::none_of(all, known)) all.push_back({one.schema, {one.binary.begin(), one.binary.end()}});
  }
  return all;
}

/// Decides against the state, and applies what was decided to a copy of it.
std::expected<void, exit_code> decide(port::command& command, const entity_image& now, sent_outcome& out) {
  using namespace std::chrono;
  const auto& type = now.type();
  const auto time = std::max(duration_cast<microseconds>(system_clock::now().time_since_epoch()).count(),
                             now.time_us());  // as a partition does: never before the last commit
  const context about(context::time_point(microseconds(time)), command.id, command.key, now.sequence(),
                      command.headers);
  const void* state = now.has_expired(time) ? nullptr : now.state();
  state_reader reader(type);
  try {
    port::decided decided;
    command.decide(state, about, decided);
    out.rejected = decided.rejected;
    if (out.rejected) return {};
    for (const auto& event : decided.events) {
      const auto payload = decided.payload(event);
      const auto& named = type.events[event.type];
      out.events.push_back({++out.sequence, {}, named.name, named.schema, {payload.begin(), payload.end()}});
    }
    out.ended = decided.ended;
    port::state_handle after = state != nullptr         ? type.clone(state)
                               : decided.events.empty() ? port::no_state()
                                                        : type.make();
    if (!decided.events.empty()) command.evolve(after.get(), decided);
    if (decided.ended) after = port::no_state();
    if (const auto* reply = command.reply_type()) {
      out.reply_type = reply->name;
      out.reply_schema = reply->schema;
      command.reply(after.get(), out.reply);
    }
    const auto shown = [&](const void* object) {
      if (object == nullptr) return shown_state{nullptr, {}};
      bytes saved;
      type.save(object, saved);
      return reader.show(saved);
    };
    const auto before = shown(state);
    const auto then = shown(after.get());
    if (before.known() && then.known()) out.changes = changes_between(before.state, then.state);
  } catch (...) {
    complain("the code of " + type.category + " threw: " + thrown());
    return std::unexpected(exit_code::found_wrong);
  }
  return {};
}

}  // namespace

std::expected<sent_outcome, exit_code> try_command(const command_to_send& what, const modules& with,
                                                   std::optional<payload_reader>& payloads, output& out) {
  auto opened = journal::open(what.url, {.mode = journal::access::read, .node_directory = what.directory});
  if (!opened) return std::unexpected(give_up(opened.error()));
  auto& journal = **opened;
  auto sum = journal.summarize();
  if (!sum) return std::unexpected(give_up(sum.error()));
  if (auto fits = with.check(journal); fits != exit_code::done) return std::unexpected(fits);

  entity_image now(*what.type);
  std::optional<error> trouble;
  const auto read =
      each_commit_of(what.entity, journal, *sum, sum->last, {}, out, [&](const auto& in, const auto& commit) {
        if (auto applied = now.apply(in.view, in.stored.number, commit); !applied) trouble = applied.error();
        return !trouble;
      });
  if (trouble) {
    complain("the state of " + what.type->category + "/" + journal::escape_key(what.entity.key) +
             " cannot be made from the journal: " + trouble->text);
    return std::unexpected(exit_code::found_wrong);
  }
  if (read != exit_code::done) return std::unexpected(read);

  sent_outcome outcome{.category = what.type->category,
                       .key = what.entity.key,
                       .command = what.id ? *what.id : runtime::new_command_id(),
                       .dry_run = true};
  outcome.sequence = now.sequence();
  payloads.emplace(schemas_of(*what.type));
  for (const auto& known : now.remembered()) {
    if (known.command != outcome.command) continue;
    outcome.repeat = true;
    outcome.sequence = known.sequence;
    outcome.at = known.position;
    return outcome;
  }
  auto command = what.type->make_command(what.which, what.entity.key, what.body, {}, [](auto&&) {});
  if (!command) return std::unexpected(give_up(command.error()));
  (*command)->id = outcome.command;
  if (auto decided = decide(**command, now, outcome); !decided) return std::unexpected(decided.error());
  return outcome;
}

}  // namespace quipu::tool
