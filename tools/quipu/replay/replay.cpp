/// quipu replay
#include <quipu/journal/open.hpp>
#include <quipu/projections/read_models.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "projection/chosen_projections.hpp"
#include "reading/position_argument.hpp"
#include "replay/private_directory.hpp"
#include "replay/rebuild_report.hpp"
#include "replay/result.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  projection_choice choice;
  std::string directory;
  std::string url;
  std::string from;
  std::string to;
  bool dry_run = false;
  bool fresh = false;
  bool diff = false;
  std::size_t differences = 10;
  bool promote = false;
  bool despite_dead_letters = false;
  std::uint32_t keep = 1;
  std::uint32_t transaction = rebuilding().group_events;
  bool as_json = false;
  bool progress = false;
};

/// What does not go together.
std::optional<std::string> contradiction(const arguments& given) {
  if (!given.from.empty() && !given.dry_run)
    return "--from is for a dry run: rows that people are to read are made from the journal's start; add "
           "--dry-run";
  if (given.dry_run && given.promote)
    return "--dry-run and --promote: what a dry run makes is thrown away; leave one of them out";
  if (given.dry_run && given.fresh)
    return "--dry-run and --fresh: a dry run begins anew always; leave --fresh out";
  if (!given.to.empty() && given.promote)
    return "--to and --promote: readers would go back to that position; leave --to out";
  if (given.diff && !(given.from.empty() && given.to.empty()))
    return "--diff compares all rows at the position of the live generation; leave --from and --to out";
  return std::nullopt;
}

/// One run of the command.
class run_of {
 public:
  run_of(const arguments& given, std::vector<const port::projection_type*> what, output& out)
      : given_(given),
        what_(std::move(what)),
        out_(out),
        report_(given.as_json, given.progress, out),
        models_(given.directory),
        before_(what_.size()),
        promoted_(what_.size()),
        compared_(what_.size()) {}

  exit_code operator()() {
    if (auto code = open(); code != exit_code::done) return code;
    if (auto code = work(); code != exit_code::done) return code;
    if (given_.promote && outcome_ == exit_code::done) {
      if (auto code = promote(); code != exit_code::done) return code;
    }
    return print();
  }

 private:
  exit_code failed(const journal::failure& why) {
    report_.clear();
    out_.flush();
    return give_up(why);
  }
  /// The work stands where it is committed.
  exit_code unfinished(const journal::failure& why) {
    const auto code = failed(why);
    say_how_to_go_on("what was done is kept: ");
    return code;
  }
  exit_code ended_early() {
    report_.clear();
    out_.flush();
    say_how_to_go_on("interrupted");
    return exit_code::done;  // by the signal, in the end
  }
  void say_how_to_go_on(std::string text) {
    if (given_.dry_run || !rebuild_) return;
    if (text.ends_with(": ")) text.resize(text.size() - 2);
    for (const auto& state : rebuild_->states())
      text += "; " + state.name + " (generation " + std::to_string(state.generation) + ") is at " +
              position_text(state.position);
    complain(text + "; the same command goes on from there");
  }
  bool look(const rebuild_progress& now) {
    report_.show(now);
    return !interrupted();
  }
  rebuild_look looking() {
    return [this](const rebuild_progress& now) { return look(now); };
  }

  exit_code open() {
    auto opened =
        journal::open(given_.url, {.mode = journal::access::read, .node_directory = given_.directory});
    if (!opened) return give_up(opened.error());
    journal_ = std::move(*opened);
    const auto end = journal_->summarize();
    if (!end) return give_up(end.error());
    goal_ = end->last;
    if (!given_.to.empty()) {
      goal_ = parse_position(given_.to)->record();
      if (goal_ > end->last) {
        complain("--to " + given_.to + ": the journal ends with record " + std::to_string(end->last));
        return exit_code::wrong_usage;
      }
    }
    rebuild_options how{.anew = given_.fresh};
    how.how.group_events = given_.transaction;
    // Two have all the memory that one has: less of it costs more than it saves. More of them share.
    const auto sharing = std::max<std::uint64_t>(what_.size() / 2, 1);
    how.how.cache_bytes /= sharing;
    how.how.group_bytes /= sharing;
    if (!given_.from.empty()) how.from = std::max<record_number>(parse_position(given_.from)->record(), 1);
    if (given_.dry_run) {
      auto apart = private_directory::make();
      if (!apart) {
        complain(apart.error());
        return exit_code::not_opened;
      }
      how.apart = apart_.emplace(std::move(*apart)).path();
    }
    for (std::size_t i = 0; i < what_.size(); ++i) {
      const auto live = models_.live(what_[i]->name);
      if (!live) return give_up(live.error());
      before_[i] = *live;
    }
    auto begun = models_.rebuild(what_, *journal_, how);
    if (!begun) return give_up(begun.error());
    rebuild_ = std::move(*begun);
    begun_at_ = rebuild_->states();
    begun_ = std::chrono::steady_clock::now();
    return exit_code::done;
  }

  exit_code work() {
    if (given_.diff) {
      auto near = rebuild_->up_to_live(looking());
      if (!near) return unfinished(near.error());
      if (*near == rebuild_end::interrupted) return ended_early();
      for (std::size_t i = 0; i < what_.size(); ++i) {
        auto compared = rebuild_->compare(i, given_.differences, looking());
        if (!compared) return unfinished(compared.error());
        if (!*compared) return ended_early();
        if (!(*compared)->equal()) outcome_ = exit_code::found_wrong;
        compared_[i] = std::move(**compared);
      }
      if (given_.dry_run) return exit_code::done;
    }
    auto done = rebuild_->up_to(goal_, looking());
    if (!done) return unfinished(done.error());
    if (*done == rebuild_end::interrupted) return ended_early();
    seconds_ = std::chrono::steady_clock::now() - begun_;
    if (!given_.despite_dead_letters) note_dead_letters();
    return exit_code::done;
  }

  void note_dead_letters() {
    for (const auto& state : rebuild_->states())
      if (state.dead_letters > 0) outcome_ = exit_code::found_wrong;
  }

  exit_code promote() {
    auto done = rebuild_->promote(looking());
    if (!done) return unfinished(done.error());
    if (*done == rebuild_end::interrupted) return ended_early();
    seconds_ = std::chrono::steady_clock::now() - begun_;
    for (std::size_t i = 0; i < what_.size(); ++i) {
      promoted_[i] = true;
      const auto gone = models_.remove_old(what_[i]->name, given_.keep, before_[i]);
      if (!gone) return failed(gone.error());
      for (const auto& [number, why] : gone->left) {
        report_.clear();
        complain("generation " + std::to_string(number) + " of " + what_[i]->name + " stays: " + why);
      }
    }
    return exit_code::done;
  }

  exit_code print() {
    report_.clear();
    const auto states = rebuild_->states();
    for (std::size_t i = 0; i < states.size(); ++i) {
      auto rows = rebuild_->row_counts(i);
      if (!rows) return failed(rows.error());
      std::vector<dead_letter> letters;
      if (states[i].dead_letters > 0) {
        auto list = rebuild_->dead_letters(i, given_.differences);
        if (!list) return failed(list.error());
        letters = std::move(*list);
      }
      const replay_result result{.state = states[i],
                                 .dry_run = given_.dry_run,
                                 .promoted = promoted_[i],
                                 .seconds = seconds_,
                                 .events_per_second = per_second(i, states[i]),
                                 .rows = std::move(*rows),
                                 .letters = std::move(letters),
                                 .compared = compared_[i]};
      given_.as_json ? print_object(result, out_) : print_text(result, out_);
    }
    if (given_.promote && !promoted_.front()) {
      out_.flush();
      complain(given_.diff ? "not promoted, for rows differ or there are dead letters; once that is right, "
                             "promote without "
                             "--diff or with --despite-dead-letters"
                           : "not promoted, for there are dead letters; mend the projection and rebuild it "
                             "with --fresh, or "
                             "promote with --despite-dead-letters");
    }
    return outcome_;
  }

  double per_second(std::size_t i, const rebuild_state& state) const {
    const auto& then = begun_at_[i];
    const auto events = state.applied + state.passed + state.duplicates + state.dead_letters - then.applied -
                        then.passed - then.duplicates - std::min(then.dead_letters, state.dead_letters);
    return seconds_.count() > 0 ? static_cast<double>(events) / seconds_.count() : 0;
  }

  const arguments& given_;
  const std::vector<const port::projection_type*> what_;
  output& out_;
  rebuild_report report_;
  std::optional<private_directory> apart_;
  read_models models_;
  std::unique_ptr<journal::journal> journal_;
  std::unique_ptr<rebuild> rebuild_;
  record_number goal_ = 0;
  std::vector<std::uint32_t> before_;  ///< what was live when it began
  std::vector<rebuild_state> begun_at_;
  std::vector<bool> promoted_;
  std::vector<std::optional<comparison>> compared_;
  exit_code outcome_ = exit_code::done;
  std::chrono::steady_clock::time_point begun_;
  std::chrono::duration<double> seconds_{0};
};

exit_code replay(const arguments& given, output& out) {
  if (auto why = contradiction(given)) {
    complain(*why);
    return exit_code::wrong_usage;
  }
  for (const auto& [option, text] : {std::pair("--from ", given.from), std::pair("--to ", given.to)}) {
    if (text.empty() || parse_position(text)) continue;
    complain(option + text + ": write a record's number or a position, for example 12 or 12:3");
    return exit_code::wrong_usage;
  }
  auto what = choose(given.choice);
  if (!what) return what.error();
  return run_of(given, std::move(*what), out)();
}

constexpr auto footer =
    R"(Makes a new generation of each projection's tables beside the live one, from the journal's start up to its end, all in
one pass over the journal. The live one is read and kept meanwhile. Ctrl-C, a crash and a full disk lose nothing: the same
command goes on where the last one ended. Loads the modules, which runs their code: give it what you trust.

A running program that keeps the old generation goes over to the new one after --promote, where it is of its version.

--from and --to: RECORD or RECORD:INDEX; a record takes effect as a whole. --dry-run works in the directory for temporary
files (TMPDIR) and removes what it made.

--diff compares with the live generation, at its position, and ends with exit code 1 where rows differ (- live, + new). With
--promote too, what differs is not promoted.

Exit codes: 0 done; 1 rows differ, or there are dead letters (which are not promoted either); 2 wrong usage; 3 could not
reach, open or go on.

Keys of --json, an object a projection: projection, version, generation (null for a dry run), resumed, promoted, position,
applied, passed, duplicates, retries, dead_letters, letters: [event, type, attempts, error] (the first ones, where there are),
rows: {TABLE: how many}, seconds, events_per_second, diff: {live, live_version, position, same, different, only_here,
only_there, first: [table, key, here, there (null where there is none)]} (with --diff). With --progress before them, once a
second: progress: {record, goal, share, events, events_per_second, seconds_left, lag_events, waiting}.

Examples:
  quipu replay --module ./bank_module.so --projection balances --directory data lmdb:data/journal --diff
  quipu replay --module ./bank_module.so --all --directory data lmdb:data/journal --promote --keep 1
  quipu replay --module ./bank_module.so --all --directory data lmdb:data/journal --dry-run --to 4711)";

}  // namespace

void add_replay(CLI::App& app, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* replay_command =
      app.add_subcommand("replay", "Rebuild projections beside the live ones, compare and promote them");
  replay_command->footer(footer);
  replay_command->add_option("JOURNAL", given->url, journal_urls)->required();
  replay_command
      ->add_option("--module", given->choice.modules,
                   "The shared library that has the projection; may be given again")
      ->required()
      ->allow_extra_args(false);
  auto* name =
      replay_command
          ->add_option("--projection", given->choice.names, "Name of a projection; may be given again")
          ->allow_extra_args(false);
  replay_command->add_flag("--all", given->choice.all, "All projections of the modules")->excludes(name);
  replay_command
      ->add_option("--directory", given->directory, "The node's directory, in which read-models/ lies")
      ->required();
  replay_command->add_option("--from", given->from, "Begin at this record; for a dry run alone");
  replay_command->add_option("--to", given->to, "End with this record instead of the journal's end");
  replay_command->add_flag("--dry-run", given->dry_run, "Say what would come out, and touch nothing");
  replay_command->add_flag("--fresh", given->fresh, "Drop an unfinished rebuild instead of going on with it");
  replay_command->add_flag("--diff", given->diff, "Compare with the live generation, row by row");
  replay_command->add_option("--differences", given->differences, "How many differences to show")
      ->capture_default_str();
  replay_command->add_flag("--promote", given->promote,
                           "Let readers see the new generation, once it has caught up");
  replay_command->add_flag("--despite-dead-letters", given->despite_dead_letters,
                           "Promote although events could not be applied");
  replay_command->add_option("--keep", given->keep, "With --promote: how many old generations stay")
      ->capture_default_str();
  replay_command->add_option("--transaction", given->transaction, "Events that are written at once, at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  replay_command->add_flag("--json", given->as_json, "An object a projection");
  replay_command->add_flag("--progress", given->progress, "Show progress where there is no terminal, too");
  replay_command->callback(
      [given, &command] { command.run = [given](output& out) { return replay(*given, out); }; });
}

}  // namespace quipu::tool
