/// quipu snapshot verify
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <quipu/checkpoints.hpp>
#include <quipu/journal/open.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "command.hpp"
#include "reading/modules.hpp"
#include "reading/record_walk.hpp"
#include "reading/state_reader.hpp"
#include "snapshot/snapshot_name.hpp"
#include "terminal/interruption.hpp"
#include "terminal/progress.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string directory;
  std::string url;
  std::vector<std::string> modules;
  bool as_json = false;
};

/// A snapshot that is waited for: the entity is replayed up to its position.
struct pending {
  entity_image replayed;
  stored_snapshot stored;
};

class verification {
 public:
  verification(const arguments& given, const modules& with, checkpoints stored, journal::journal& in,
               output& out)
      : given_(given), modules_(with), stored_(std::move(stored)), journal_(in), out_(out) {
    for (const auto* type : modules_.entities()) readers_.try_emplace(type->category, *type);
  }

  exit_code operator()() {
    if (auto code = look_at_the_whole(); code != exit_code::done) return code;
    const auto end = journal_.summarize();
    if (!end) return give_up(end.error());
    record_number last = end->last;
    for (record_number from = end->first;;) {
      record_walk walk(journal_, from, last, std::nullopt, out_);
      while (auto step = walk.next()) {
        take(*step);
        if (progress_.due())
          progress_.show("record " + std::to_string(step->stored.number) + " of " + std::to_string(last));
      }
      if (walk.outcome() == exit_code::not_opened) return walk.outcome();
      if (walk.outcome() != exit_code::done) outcome_ = walk.outcome();
      if (interrupted() || !out_.wanted()) return outcome_;
      // A live runtime may have stored what it wrote since.
      const auto now = journal_.summarize();
      if (!now) return give_up(now.error());
      if (newest_waited_for() <= last || now->last <= last) break;
      from = std::exchange(last, now->last) + 1;
    }
    progress_.clear();
    read_to_ = last;
    for (auto& [name, waiting] : entities_)
      if (waiting)
        wrong(waiting->stored, "it holds events up to " + position_text(waiting->stored.position) +
                                   ", which the journal does not have");
    if (auto code = look_for_strangers(); code != exit_code::done) return code;
    print_sum();
    return outcome_;
  }

 private:
  /// Journal, floors and digest.
  exit_code look_at_the_whole() {
    if (stored_.incarnation() != journal_.about().incarnation) {
      complain("the checkpoints belong to another journal, of incarnation " + stored_.incarnation().hex() +
               "; this one has " + journal_.about().incarnation.hex() + ": a runtime would rebuild them");
      return exit_code::found_wrong;
    }
    for (std::uint32_t p = 0; p < stored_.partitions(); ++p) {
      auto part = stored_.partition(p);
      if (!part) {
        found("partition " + std::to_string(p) + ": " + describe(part.error()));
        continue;
      }
      for (const auto& category : part->categories) {
        floors_[{p, category.category}] = category.replay_from;
        if (modules_.find(category.category) == nullptr && !std::exchange(unknown_[category.category], true))
          complain("no --module has " + category.category + ": its snapshots are not compared");
      }
      for (const auto& one : part->quarantined) {
        entities_[hash_of_name(one.category, one.key)] = nullptr;
        found(shown_name(one.category, one.key) + " is in quarantine from " + position_text(one.replay_from) +
              " on: " + one.why);
      }
    }
    if (const auto sound = stored_.check(); !sound) found(describe(sound.error()));
    return exit_code::done;
  }

  void take(const record_walk::step& step) {
    for (std::uint32_t i = 0; i < step.view.commit_count(); ++i) {
      const auto commit = step.view.commit_at(i);
      const auto* type = modules_.find(commit.category);
      if (type == nullptr) continue;
      const auto [place, first] = entities_.try_emplace(hash_of_name(commit.category, commit.key));
      if (first)
        place->second =
            begin(*type, commit, position::of(step.stored.number, commit.first_event), step.stored.partition);
      if (!place->second) continue;
      auto& [replayed, stored] = *place->second;
      if (const auto applied = replayed.apply(step.view, step.stored.number, commit); !applied)
        wrong(stored, "it cannot be compared: " + applied.error().text);
      else if (replayed.position() == stored.position)
        compare(replayed, stored);
      else if (replayed.position() > stored.position)
        wrong(stored, "no commit of it ends at " + position_text(stored.position));
      else
        continue;
      place->second.reset();
    }
  }

  /// Nothing, where there is no snapshot that could be compared.
  std::unique_ptr<pending> begin(const port::entity_type& type, const journal::commit_view& commit,
                                 position at, journal::partition_id partition) {
    auto stored = stored_.find(commit.category, commit.key);
    const auto name = shown_name(commit.category, commit.key);
    if (!stored) {
      found("the snapshot of " + name + ": " + describe(stored.error()));
      return nullptr;
    }
    if (!*stored) {
      const auto floor = floors_.find({partition, std::string(commit.category)});
      if (floor != floors_.end() && at < floor->second)
        found(name + " has no snapshot, although every event before " + position_text(floor->second) +
              " should be in one");
      return nullptr;
    }
    if ((*stored)->fingerprint != type.fingerprint) {
      ++other_version_;
      return nullptr;
    }
    return std::make_unique<pending>(pending{entity_image(type), std::move(**stored)});
  }

  void compare(const entity_image& replayed, const stored_snapshot& stored) {
    ++compared_;
    if (replayed.sequence() != stored.sequence)
      return wrong(stored, "its sequence is " + std::to_string(stored.sequence) + ", and replayed " +
                               std::to_string(replayed.sequence()));
    if (replayed.exists() != stored.exists)
      return wrong(stored, stored.exists ? "it has a state, and replayed it has ended"
                                         : "it has ended, and replayed it has a state");
    if (stored.time_us != 0 && replayed.time_us() != stored.time_us)
      return wrong(stored, "its last event is of " + time_text(stored.time_us) + ", and replayed of " +
                               time_text(replayed.time_us()));
    if (replayed.marks() != stored.marks)
      return wrong(stored, "it keeps " + std::to_string(stored.marks) +
                               " marks of reactions' commands, and replayed " +
                               std::to_string(replayed.marks()));
    if (!stored.exists) return;
    const auto saved = replayed.saved();
    if (!saved) return wrong(stored, saved.error().text);
    if (*saved == stored.state ||
        saved_again(replayed.type(), *saved) == saved_again(replayed.type(), stored.state))
      return;
    auto& reader = readers_.at(stored.category);
    const auto here = reader.show(stored.state);
    const auto there = reader.show(*saved);
    if (!here.known()) return wrong(stored, here.reason);
    wrong(stored, "its state is not the one that its events make",
          there.known() ? changes_between(here.state, there.state) : std::vector<json_change>{});
  }

  /// Two states may be the same and lie in their bytes otherwise.
  static bytes saved_again(const port::entity_type& type, const bytes& saved) {
    bytes out;
    try {
      type.save(type.load(saved).get(), out);
    } catch (const std::exception&) {
      return saved;
    }
    return out;
  }

  /// Snapshots of entities that have no events.
  exit_code look_for_strangers() {
    const auto done = stored_.each([this](journal::partition_id, std::string_view category,
                                          std::string_view key, journal::result<stored_snapshot> one) {
      if (modules_.find(category) == nullptr || entities_.contains(hash_of_name(category, key))) return true;
      if (!one)
        found("the snapshot of " + shown_name(category, key) + ": " + describe(one.error()));
      else if (one->position.record() <= read_to_)
        wrong(*one, "the journal has no event of it");
      return true;
    });
    return done ? exit_code::done : give_up(done.error());
  }

  record_number newest_waited_for() const {
    record_number newest = 0;
    for (const auto& [name, waiting] : entities_)
      if (waiting) newest = std::max(newest, waiting->stored.position.record());
    return newest;
  }

  void found(const std::string& text) {
    progress_.clear();
    out_.flush();
    complain(text);
    outcome_ = exit_code::found_wrong;
  }

  /// A difference: it is what was asked for, so it goes to stdout.
  void wrong(const stored_snapshot& stored, const std::string& what,
             const std::vector<json_change>& changes = {}) {
    progress_.clear();
    ++differing_;
    outcome_ = exit_code::found_wrong;
    const auto name = shown_name(stored.category, stored.key);
    if (given_.as_json) {
      out_.line(line_of({{"entity", name},
                         {"position", position_text(stored.position)},
                         {"sequence", stored.sequence},
                         {"what", valid_utf8(what)},
                         {"changes", changes_json(changes)}}));
      return;
    }
    out_.line(name + "@" + std::to_string(stored.sequence) + "  " + position_text(stored.position) + "  " +
              printable(what));
    for (const auto& change : changes) out_.line("    " + change_text(change));
  }

  void print_sum() {
    if (given_.as_json)
      return out_.line(
          line_of({{"compared", compared_}, {"differing", differing_}, {"other_version", other_version_}}));
    auto text =
        std::to_string(compared_) + " snapshots compared, " + std::to_string(differing_) + " of them wrong";
    if (other_version_ > 0)
      text += "; " + std::to_string(other_version_) +
              " are of another state or version than the module's, and would be rebuilt";
    out_.line(text);
  }

  const arguments& given_;
  const modules& modules_;
  checkpoints stored_;
  journal::journal& journal_;
  output& out_;
  std::map<std::string, state_reader, std::less<>> readers_;
  std::map<std::pair<journal::partition_id, std::string>, position> floors_;
  std::map<std::string, bool> unknown_;
  std::unordered_map<id128, std::unique_ptr<pending>> entities_;  ///< null: done with
  progress_line progress_;
  record_number read_to_ = 0;
  std::uint64_t compared_ = 0;
  std::uint64_t differing_ = 0;
  std::uint64_t other_version_ = 0;
  exit_code outcome_ = exit_code::done;
};

exit_code verify(const arguments& given, output& out) {
  const auto loaded = modules::load(given.modules);
  if (!loaded) return loaded.error();
  auto opened = journal::open(given.url, {.mode = journal::access::read, .node_directory = given.directory});
  if (!opened) return give_up(opened.error());
  if (auto fits = loaded->check(**opened); fits != exit_code::done) return fits;
  auto stored = checkpoints::open(given.directory);
  if (!stored) return give_up(stored.error());
  return verification(given, *loaded, std::move(*stored), **opened, out)();
}

constexpr auto footer =
    R"(Replays the journal with the module's code and compares each snapshot with what its entity was at the snapshot's own
position: state, sequence, time, whether it has ended, marks of reactions' commands. Also checks that no snapshot is missing, too many
or damaged. Which commands a snapshot remembers is not compared: that depends on the program's window. Runs beside the
runtime. Progress on stderr where that is a terminal.

Exit code 1: something is wrong; each difference is a line, with what the snapshot says and what the events make of it.
quipu snapshot rebuild makes new ones.

Keys of --json, one object a difference: entity, position, sequence (both of the snapshot), what (in words), changes: [{path,
before (in the snapshot), after (replayed)}]; and one at the end: compared, differing, other_version (snapshots of another
state or version than the module's: not compared).

Examples:
  quipu snapshot verify --directory data --journal lmdb:data/journal --module ./bank_module.so
  quipu snapshot verify --directory data --journal nats://127.0.0.1:4222/bank --module ./bank_module.so --json)";

}  // namespace

void add_snapshot_verify(CLI::App& snapshot, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = snapshot.add_subcommand("verify", "Replay and compare, state by state");
  app->add_option("--directory", given->directory, "The runtime's directory")->required();
  app->add_option("--journal", given->url, journal_urls)->required()->type_name("URL");
  app->add_option("--module", given->modules, "The module with the entities; may be given again")
      ->required()
      ->type_name("FILE");
  app->add_flag("--json", given->as_json, "One JSON object a line instead of text");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return verify(*given, out); }; });
}

}  // namespace quipu::tool
