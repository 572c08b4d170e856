/// quipu snapshot ls
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <quipu/checkpoints.hpp>
#include <quipu/journal/open.hpp>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "reading/modules.hpp"
#include "snapshot/snapshot_name.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string directory;
  std::string url;
  std::vector<std::string> modules;
  bool as_json = false;
};

/// What the snapshots themselves say.
struct figures {
  std::uint64_t snapshots = 0;
  std::uint64_t bytes = 0;
  std::int64_t newest_us = 0;  ///< the commit of the newest event in any of them
};

/// What the journal says of a partition's newest record.
struct beside_journal {
  std::string trouble;  ///< why the snapshots cannot be used with it; empty: they can
  std::uint64_t epoch = 0;
  std::uint64_t behind = 0;  ///< records of the whole journal after it
};

std::string ago(std::int64_t us) {
  using namespace std::chrono;
  const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  const auto seconds = std::max<std::int64_t>(0, now - us) / 1'000'000;
  if (seconds < 120) return std::to_string(seconds) + " s ago";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min ago";
  if (seconds < 172'800) return std::to_string(seconds / 3600) + " h ago";
  return std::to_string(seconds / 86'400) + " days ago";
}

beside_journal compare(const checkpointed_partition& part, const checkpoints& all, journal::journal& with,
                       record_number last) {
  if (all.incarnation() != with.about().incarnation)
    return {"they belong to another journal, of incarnation " + all.incarnation().hex(), 0, 0};
  if (part.newest == 0) return {};
  const auto place = "record " + std::to_string(part.newest);
  const auto read = with.read(part.newest, part.partition)->next();
  if (!read) return {"the journal's " + place + ": " + describe(read.error()), 0, 0};
  if (!*read || (*read)->number != part.newest)
    return {"the journal does not have " + place + ", of which they hold events", 0, 0};
  const auto view = journal::record_view::decode((*read)->data);
  if (!view) return {"the journal's " + place + ": " + describe(view.error()), 0, 0};
  if (view->sum() != part.newest_sum) return {"the journal's " + place + " is another one", 0, 0};
  return {{}, view->stamp().epoch, last - part.newest};
}

class list {
 public:
  list(const arguments& given, output& out) : given_(given), out_(out) {}

  exit_code operator()() {
    auto loaded = modules::load(given_.modules);
    if (!loaded) return loaded.error();
    modules_.emplace(std::move(*loaded));
    auto opened = checkpoints::open(given_.directory);
    if (!opened) return give_up(opened.error());
    stored_.emplace(std::move(*opened));
    if (!given_.url.empty())
      if (auto code = open_journal(); code != exit_code::done) return code;
    if (auto code = count(); code != exit_code::done) return code;
    if (!given_.as_json)
      out_.line("checkpoints in " + printable(given_.directory) + ", of the journal of incarnation " +
                stored_->incarnation().hex());
    for (std::uint32_t p = 0; p < stored_->partitions(); ++p) {
      const auto part = stored_->partition(p);
      if (!part) {
        complain("partition " + std::to_string(p) + ": " + describe(part.error()));
        outcome_ = exit_code::found_wrong;
        continue;
      }
      if (part->newest != 0 || !part->categories.empty()) print(*part);
    }
    return outcome_;
  }

 private:
  exit_code open_journal() {
    auto opened =
        journal::open(given_.url, {.mode = journal::access::read, .node_directory = given_.directory});
    if (!opened) return give_up(opened.error());
    journal_ = std::move(*opened);
    const auto sum = journal_->summarize();
    if (!sum) return give_up(sum.error());
    last_ = sum->last;
    return exit_code::done;
  }

  exit_code count() {
    const auto done = stored_->each([this](journal::partition_id partition, std::string_view category,
                                           std::string_view key, journal::result<stored_snapshot> one) {
      auto& sum = figures_[{partition, std::string(category)}];
      ++sum.snapshots;
      if (one) {
        sum.bytes += one->size;
        sum.newest_us = std::max(sum.newest_us, one->time_us);
      } else {
        complain(shown_name(category, key) + ": " + describe(one.error()));
        outcome_ = exit_code::found_wrong;
      }
      return true;
    });
    return done ? exit_code::done : give_up(done.error());
  }

  /// "as in the module", or not; empty without a module that has it.
  std::string fits(const checkpointed_category& what) const {
    const auto* type = modules_->find(what.category);
    if (type == nullptr) return {};
    return type->fingerprint == what.fingerprint ? "as in the module"
                                                 : "not the module's: it would rebuild them";
  }

  void print(const checkpointed_partition& part) {
    std::optional<beside_journal> beside;
    if (journal_) beside = compare(part, *stored_, *journal_, last_);
    if (!part.quarantined.empty() || (beside && !beside->trouble.empty())) outcome_ = exit_code::found_wrong;
    given_.as_json ? print_object(part, beside) : print_text(part, beside);
  }

  void print_text(const checkpointed_partition& part, const std::optional<beside_journal>& beside) {
    auto head =
        "partition " + std::to_string(part.partition) + "  up to record " + std::to_string(part.newest);
    if (beside && beside->trouble.empty())
      head += "  epoch " + std::to_string(beside->epoch) + "  " + std::to_string(beside->behind) +
              " records before the journal's end";
    out_.line(head);
    if (beside && !beside->trouble.empty())
      out_.line("  does not match the journal: " + printable(beside->trouble));
    for (const auto& category : part.categories) {
      const auto& sum = figures_[{part.partition, category.category}];
      auto text = "  " + printable(category.category) + "  " + std::to_string(sum.snapshots) +
                  (sum.snapshots == 1 ? " entity  " : " entities  ") + size_text(sum.bytes) +
                  "  replay from " + position_text(category.replay_from);
      if (sum.newest_us != 0) text += "  newest event " + ago(sum.newest_us);
      out_.line(text);
      const auto known = fits(category);
      out_.line("    fingerprint " + category.fingerprint.hex() + (known.empty() ? "" : "  " + known));
    }
    for (const auto& one : part.quarantined)
      out_.line("  in quarantine: " + shown_name(one.category, one.key) + " from " +
                position_text(one.replay_from) + " on: " + printable(one.why));
  }

  void print_object(const checkpointed_partition& part, const std::optional<beside_journal>& beside) {
    json out{{"partition", part.partition},
             {"incarnation", stored_->incarnation().hex()},
             {"newest_record", part.newest},
             {"categories", json::array()},
             {"quarantined", json::array()}};
    for (const auto& category : part.categories) {
      const auto& sum = figures_[{part.partition, category.category}];
      json one{{"category", valid_utf8(category.category)},
               {"fingerprint", category.fingerprint.hex()},
               {"entities", sum.snapshots},
               {"bytes", sum.bytes},
               {"replay_from", position_text(category.replay_from)},
               {"newest_event", sum.newest_us == 0 ? json(nullptr) : json(time_text(sum.newest_us))}};
      if (const auto* type = modules_->find(category.category))
        one["as_in_module"] = type->fingerprint == category.fingerprint;
      out["categories"].push_back(std::move(one));
    }
    for (const auto& one : part.quarantined)
      out["quarantined"].push_back({{"entity", shown_name(one.category, one.key)},
                                    {"replay_from", position_text(one.replay_from)},
                                    {"why", valid_utf8(one.why)}});
    if (beside) {
      out["matches"] = beside->trouble.empty();
      if (beside->trouble.empty()) {
        out["epoch"] = beside->epoch;
        out["records_behind"] = beside->behind;
      } else {
        out["trouble"] = valid_utf8(beside->trouble);
      }
    }
    out_.line(line_of(out));
  }

  const arguments& given_;
  output& out_;
  std::optional<modules> modules_;
  std::optional<checkpoints> stored_;
  std::unique_ptr<journal::journal> journal_;
  record_number last_ = 0;
  std::map<std::pair<journal::partition_id, std::string>, figures> figures_;
  exit_code outcome_ = exit_code::done;
};

constexpr auto footer =
    R"(Of each partition: up to which record there are snapshots, and of each category how many entities and bytes, from where
replay begins, how old the newest event in them is, and the fingerprint of the state that they hold (quipu module info shows the
module's). With --journal also whether they can be used with that journal, the epoch in which they were made, and how many
records lie behind them. Runs beside the runtime. Exit code 1: a snapshot that cannot be read, an entity in quarantine, a
partition that does not match the journal.

Keys of --json, one object a partition: partition, incarnation (of the journal), newest_record, categories: [category,
fingerprint, entities, bytes, replay_from, newest_event (a time), as_in_module (with --module)], quarantined: [entity,
replay_from, why]; with --journal: matches, epoch, records_behind, or trouble.

Examples:
  quipu snapshot ls --directory data
  quipu snapshot ls --directory data --journal lmdb:data/journal --module ./bank_module.so)";

}  // namespace

void add_snapshot_ls(CLI::App& snapshot, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = snapshot.add_subcommand("ls", "What is in the checkpoints, by partition");
  app->add_option("--directory", given->directory, "The runtime's directory")->required();
  app->add_option("--journal", given->url, "Compare with this journal")->type_name("URL");
  app->add_option("--module", given->modules, "Compare with this module; may be given again")
      ->type_name("FILE");
  app->add_flag("--json", given->as_json, "One JSON object a line instead of text");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return list(*given, out)(); }; });
}

}  // namespace quipu::tool
