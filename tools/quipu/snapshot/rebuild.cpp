/// quipu snapshot rebuild
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <quipu/checkpoints.hpp>
#include <quipu/journal/open.hpp>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "command.hpp"
#include "reading/modules.hpp"
#include "reading/record_walk.hpp"
#include "snapshot/snapshot_name.hpp"
#include "terminal/interruption.hpp"
#include "terminal/progress.hpp"

namespace quipu::tool {
namespace {

/// Past this many entities in memory, all of them are stored and read again when they are needed.
constexpr std::size_t entities_in_memory = 100'000;

struct arguments {
  std::string directory;
  std::string url;
  std::vector<std::string> modules;
  bool keep_old = false;
  bool as_json = false;
};

struct resident {
  std::string key;
  journal::partition_id partition = 0;
  entity_image image;
};

class rebuilding_snapshots {
 public:
  rebuilding_snapshots(const modules& with, checkpoint_rebuild into, journal::journal& in, output& out)
      : modules_(with), into_(std::move(into)), journal_(in), out_(out) {}

  /// Reads all of the journal. Not done: nothing may be promoted.
  exit_code make() {
    const auto end = journal_.summarize();
    if (!end) return give_up(end.error());
    progress_line shown;
    record_walk walk(journal_, end->first, end->last, std::nullopt, out_);
    while (auto step = walk.next()) {
      if (auto code = take(*step); code != exit_code::done) return code;
      if (shown.due())
        shown.show("record " + std::to_string(step->stored.number) + " of " + std::to_string(end->last));
    }
    shown.clear();
    if (walk.outcome() != exit_code::done) return walk.outcome();
    if (interrupted()) return exit_code::found_wrong;
    if (auto stored = store_all(); !stored) return give_up(stored.error());
    const auto types = modules_.entities();
    for (const auto& [partition, newest] : newest_)
      if (auto done = into_.complete(partition, newest.first, newest.second, types); !done)
        return give_up(done.error());
    return exit_code::done;
  }

  exit_code promote(bool keep_old) {
    const auto done = into_.promote(keep_old);
    return done ? exit_code::done : give_up(done.error());
  }

  std::uint64_t events() const { return events_; }
  std::uint64_t entities() const { return entities_; }

 private:
  exit_code take(const record_walk::step& step) {
    newest_[step.stored.partition] = {step.stored.number, step.view.sum()};
    for (std::uint32_t i = 0; i < step.view.commit_count(); ++i) {
      const auto commit = step.view.commit_at(i);
      const auto* type = modules_.find(commit.category);
      if (type == nullptr) continue;
      auto* entity = find(*type, commit, step.stored.partition);
      if (entity == nullptr) return exit_code::not_opened;
      if (auto applied = entity->apply(step.view, step.stored.number, commit); !applied) {
        complain(shown_name(commit.category, commit.key) + ": " + applied.error().text);
        return exit_code::found_wrong;
      }
      events_ += commit.event_count;
    }
    return exit_code::done;
  }

  /// Null: it could not be read, which was said.
  entity_image* find(const port::entity_type& type, const journal::commit_view& commit,
                     journal::partition_id partition) {
    const auto name = hash_of_name(commit.category, commit.key);
    if (auto known = resident_.find(name); known != resident_.end()) return &known->second.image;
    if (resident_.size() >= entities_in_memory) {
      if (auto stored = store_all(); !stored) return give_up(stored.error()), nullptr;
      spilled_ = true;
    }
    std::optional<entity_image> before;
    if (spilled_ && commit.first_sequence > 1) {
      auto read = into_.take(partition, commit.key, type);
      if (!read) return give_up(read.error()), nullptr;
      before = std::move(*read);
    }
    if (!before) ++entities_;
    resident made{std::string(commit.key), partition, before ? std::move(*before) : entity_image(type)};
    return &resident_.emplace(name, std::move(made)).first->second.image;
  }

  journal::result<void> store_all() {
    for (const auto& [name, one] : resident_)
      if (auto put = into_.put(one.partition, one.key, one.image); !put) return put;
    resident_.clear();
    return {};
  }

  const modules& modules_;
  checkpoint_rebuild into_;
  journal::journal& journal_;
  output& out_;
  std::unordered_map<id128, resident> resident_;
  bool spilled_ = false;
  std::map<journal::partition_id, std::pair<record_number, checksum>> newest_;
  std::uint64_t events_ = 0;
  std::uint64_t entities_ = 0;
};

/// What the old ones hold and the new ones would not.
exit_code refuse_losing(const arguments& given, const modules& with) {
  auto old = checkpoints::open(given.directory);
  if (!old) return exit_code::done;  // there are none, or none that anybody could use
  for (std::uint32_t p = 0; p < old->partitions(); ++p) {
    const auto part = old->partition(p);
    if (!part) continue;
    for (const auto& category : part->categories) {
      if (with.find(category.category) != nullptr) continue;
      complain("the checkpoints hold snapshots of " + category.category +
               ", which no --module has: give its module too (--module may be given again)");
      return exit_code::wrong_usage;
    }
  }
  return exit_code::done;
}

exit_code rebuild(const arguments& given, output& out) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(given.directory, ignored)) {
    complain("--directory " + given.directory + ": there is no such directory");
    return exit_code::not_opened;
  }
  const auto loaded = modules::load(given.modules);
  if (!loaded) return loaded.error();
  auto opened = journal::open(given.url, {.mode = journal::access::read, .node_directory = given.directory});
  if (!opened) return give_up(opened.error());
  auto& journal = **opened;
  if (auto fits = loaded->check(journal); fits != exit_code::done) return fits;
  auto begun = checkpoint_rebuild::begin(given.directory, journal.about());
  if (!begun) return give_up(begun.error());
  if (auto code = refuse_losing(given, *loaded); code != exit_code::done) return code;

  rebuilding_snapshots work(*loaded, std::move(*begun), journal, out);
  if (auto code = work.make(); code != exit_code::done) {
    if (!interrupted())
      complain("the old snapshots stay as they are: no new ones can be made of this journal");
    return code;
  }
  if (auto code = work.promote(given.keep_old); code != exit_code::done) return code;
  if (given.as_json)
    out.line(
        line_of({{"entities", work.entities()}, {"events", work.events()}, {"kept_old", given.keep_old}}));
  else
    out.line("made snapshots of " + std::to_string(work.entities()) + " entities from " +
             std::to_string(work.events()) + " events");
  return exit_code::done;
}

constexpr auto footer =
    R"(Replays the whole journal with the module's code and makes snapshots of every entity, in DIRECTORY/checkpoints.new. Once
they are whole and checked they take the place of the old ones in one step. Ctrl-C, a crash or an error before that leaves the
old ones as they are. A journal with damage, or an entity whose events cannot be applied, is an error: nothing is exchanged.

The runtime must not run: it holds the directory. With --keep-old the old ones stay in DIRECTORY/checkpoints.old, in the place of
what is there. Progress on stderr where that is a terminal.

Keys of --json, one object: entities, events (that were replayed), kept_old.

Examples:
  quipu snapshot rebuild --directory data --journal lmdb:data/journal --module ./bank_module.so
  quipu snapshot rebuild --directory data --journal nats://127.0.0.1:4222/bank --module ./bank_module.so --keep-old)";

}  // namespace

void add_snapshot_rebuild(CLI::App& snapshot, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = snapshot.add_subcommand("rebuild", "Make new snapshots beside the old, and exchange them");
  app->add_option("--directory", given->directory, "The runtime's directory")->required();
  app->add_option("--journal", given->url, journal_urls)->required()->type_name("URL");
  app->add_option("--module", given->modules, "The module with the entities; may be given again")
      ->required()
      ->type_name("FILE");
  app->add_flag("--keep-old", given->keep_old, "Keep the old ones in DIRECTORY/checkpoints.old");
  app->add_flag("--json", given->as_json, "One JSON object instead of text");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return rebuild(*given, out); }; });
}

}  // namespace quipu::tool
