/// quipu dead-letter retry and skip
#include <quipu/journal/open.hpp>
#include <quipu/projections/read_models.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "command.hpp"
#include "dead_letter/letters.hpp"
#include "projection/chosen_projections.hpp"
#include "projection/named_projection.hpp"
#include "reading/entity_name.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string directory;
  std::string name;
  std::string event;
  std::string entity;
  bool all = false;
  std::string reason;
  std::string module;
  std::string url;
  double timeout_s = 10;
  bool as_json = false;
};

exit_code wrong(const std::string& text) {
  complain(text);
  return exit_code::wrong_usage;
}

/// One run of either command.
class release {
 public:
  release(const arguments& given, letter_wish wish, output& out)
      : given_(given), wish_(std::move(wish)), out_(out), models_(given.directory) {}

  exit_code operator()() {
    if (auto code = name_event(); code != exit_code::done) return code;
    for (bool again = true;; again = false) {
      auto kept = find_live(models_, given_.directory, given_.name);
      if (!kept) return kept.error();
      const auto* live = kept->live();
      sends_commands_ = live->reaction;
      auto done = live->holder ? ask(*live->holder) : do_it(*live);
      if (done) return say(*done);
      if (!done.error()) return exit_code::wrong_usage;
      // The one that kept it let go this moment, or another one took it.
      const auto code = done.error()->code;
      const bool could_do_it = !given_.module.empty() && !given_.url.empty();
      const bool changed =
          code == error_code::projection_locked || code == error_code::storage_locked ||
          (code == error_code::projection_unanswered && could_do_it && holder() != live->holder);
      if (!again || !changed || interrupted()) return give_up(*done.error());
    }
  }

 private:
  /// Nothing: what is wrong with the usage was said.
  using outcome = std::expected<released, std::optional<journal::failure>>;

  exit_code name_event() {
    if (given_.all) return exit_code::done;
    if (given_.entity.empty()) {
      const auto event = parse_event(given_.event);
      if (!event)
        return wrong(
            given_.event +
            " is no event's id: write it as quipu dead-letter ls shows it, for example account/acc-17@3");
      wish_.event = *event;
      return exit_code::done;
    }
    const auto entity = parse_entity(given_.entity);
    if (!entity)
      return wrong(
          "--entity " + given_.entity +
          ": write category/key as events show it, for example account/acc-17 (a backslash is \\x5c)");
    const auto kept = find_live(models_, given_.directory, given_.name);
    if (!kept) return kept.error();
    const auto letters = letters_of(models_, *kept);
    if (!letters) return give_up(letters.error());
    const auto first = std::ranges::find_if(*letters, [&](const dead_letter& one) {
      return one.event.category == entity->category && one.event.key == entity->key;
    });
    if (first == letters->end())
      return give_up({error_code::projection_no_letter,
                      "no event of " + given_.entity + " is a dead letter of " + given_.name});
    wish_.event = first->event;
    return exit_code::done;
  }

  std::optional<std::string> holder() {
    const auto kept = models_.kept(given_.name);
    return kept && kept->live() != nullptr ? kept->live()->holder : std::nullopt;
  }

  outcome ask(const std::string& pid) {
    by_ = "process " + pid;
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::duration<double>(given_.timeout_s));
    auto done = models_.ask_keeper(given_.name, wish_, patience, [] { return !interrupted(); });
    if (!done) return std::unexpected(done.error());
    return *done;
  }

  outcome do_it(const kept_generation_facts& live) {
    by_ = "this process";
    const auto usage = [](const std::string& text) {
      complain(text);
      return std::unexpected(std::optional<journal::failure>());
    };
    if (live.reaction)
      return std::unexpected(journal::failure(
          error_code::projection_unanswered,
          given_.name +
              " is a reaction and no program runs it: its commands are sent by a runtime, so start the "
              "program that has it, and try again beside it"));
    if (given_.module.empty() || given_.url.empty())
      return usage("no process keeps " + given_.name +
                   ": name its module and its journal with --module and --journal, and it is done here");
    const auto what = choose({.modules = {given_.module}, .names = {given_.name}});
    if (!what) return std::unexpected(std::optional<journal::failure>());
    auto journal =
        journal::open(given_.url, {.mode = journal::access::read, .node_directory = given_.directory});
    if (!journal) return std::unexpected(journal.error());
    auto keeper = models_.keep(*what->front(), **journal);
    if (!keeper) return std::unexpected(keeper.error());
    journal::result<released> done;
    switch (wish_.done) {
      case letter_wish::what::retry:
        done = (*keeper)->retry(wish_.event);
        break;
      case letter_wish::what::retry_all:
        done = (*keeper)->retry_all();
        break;
      case letter_wish::what::skip:
        done = (*keeper)->skip(wish_.event, wish_.reason);
        break;
    }
    if (!done) return std::unexpected(done.error());
    return *done;
  }

  exit_code say(const released& done) {
    const bool skip = wish_.done == letter_wish::what::skip;
    const auto which = given_.all ? "all dead letters" : event_text(wish_.event);
    if (given_.as_json) {
      out_.line(line_of({{"projection", valid_utf8(given_.name)},
                         {"done", skip ? "skip" : "retry"},
                         {"event", given_.all ? json(nullptr) : json(event_text(wish_.event))},
                         {"applied", done.applied},
                         {"left", done.left},
                         {"by", valid_utf8(by_)}}));
    } else {
      out_.line(printable(given_.name) + "  " + (skip ? "skipped " : "retried ") + which + ": " +
                std::to_string(done.applied) +
                (sends_commands_ && !skip ? " on the way again, " : " took effect, ") +
                std::to_string(done.left) + " are left (by " + printable(by_) + ")");
    }
    if (done.left == 0) return exit_code::done;
    out_.flush();
    complain("quipu dead-letter ls says why they are left");
    return exit_code::found_wrong;
  }

  const arguments& given_;
  letter_wish wish_;
  output& out_;
  read_models models_;
  std::string by_;
  bool sends_commands_ = false;
};

CLI::App* add(CLI::App& dead_letter, const char* name, const char* says, arguments& given) {
  auto* app = dead_letter.add_subcommand(name, says);
  app->add_option("PROJECTION", given.name, "Its name")->required();
  app->add_option("--directory", given.directory, "The node's directory, in which read-models/ lies")
      ->required();
  app->add_option("--module", given.module, "Where no process keeps it: the shared library that has it");
  app->add_option("--journal", given.url, std::string("Where no process keeps it: ") + journal_urls);
  app->add_option("--timeout", given.timeout_s, "Seconds to wait for the process that keeps it")
      ->check(CLI::Range(0.0, 86'400.0))
      ->capture_default_str();
  app->add_flag("--json", given.as_json, "An object instead of text");
  return app;
}

constexpr auto not_empty = [](const std::string& text) {
  return std::string(text.empty() ? "is empty" : "");
};

constexpr auto retry_footer =
    R"(Tries the first dead letter of an entity again, and then those behind it in their order, until one fails. Of a reaction: the
event, or its commands are sent again, and those behind them go on.

The process that keeps the projection does it, within a moment, also while it is paused or has failed; nothing of it has to be
stopped. Where it does not begin in time, the wish is withdrawn and nothing was done. Where no process keeps it, this one does it,
with --module (which runs its code) and --journal, and goes on with nothing else; a reaction's commands are sent by the program that
runs it, and by no other.

Exit codes: 0 done, none is left; 1 done, some are left; 2 wrong usage; 3 could not reach, open or be answered.

Keys of --json: projection, done (retry), event (null with --all), applied (how many took effect), left (of the entities that were
tried), by (process PID, or this process).

Examples:
  quipu dead-letter retry balances account/acc-17@3 --directory data
  quipu dead-letter retry balances --entity account/acc-17 --directory data
  quipu dead-letter retry balances --all --directory data --module ./bank_module.so --journal lmdb:data/journal)";

constexpr auto skip_footer =
    R"(Leaves the first dead letter of an entity out, for ever: rebuilds leave it out too. Then those behind it are tried in their order.
The reason is kept, and quipu dead-letter ls --skipped shows it. Of a reaction: the event, or its dead commands with their
compensations. Who does it: as quipu dead-letter retry --help says.

Exit codes: 0 done, none is left; 1 done, some of those behind it are left; 2 wrong usage; 3 could not reach, open or be answered.

Keys of --json: as those of quipu dead-letter retry, done is skip.

Examples:
  quipu dead-letter skip balances account/acc-17@3 --directory data --reason "typed twice, see ticket 81")";

}  // namespace

void add_dead_letter_retry(CLI::App& dead_letter, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = add(dead_letter, "retry", "Try dead letters again, and what waits behind them", *given);
  app->footer(retry_footer);
  auto* which = app->add_option_group("which", "What to retry");
  which->add_option("EVENT-ID", given->event, "As ls shows it: category/key@number")->check(not_empty);
  which->add_option("--entity", given->entity, "The first of this entity: category/key")->check(not_empty);
  which->add_flag("--all", given->all, "The first of every entity");
  which->require_option(1);
  app->callback([given, &command] {
    command.run = [given](output& out) {
      return release(*given, {.done = given->all ? letter_wish::what::retry_all : letter_wish::what::retry},
                     out)();
    };
  });
}

void add_dead_letter_skip(CLI::App& dead_letter, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = add(dead_letter, "skip", "Leave an event out for ever, for a reason that is kept", *given);
  app->footer(skip_footer);
  app->add_option("EVENT-ID", given->event, "As ls shows it: category/key@number")->required();
  app->add_option("--reason", given->reason, "Why: it is shown to others")->required()->check(not_empty);
  app->callback([given, &command] {
    command.run = [given](output& out) {
      return release(*given, {.done = letter_wish::what::skip, .reason = given->reason}, out)();
    };
  });
}

}  // namespace quipu::tool
