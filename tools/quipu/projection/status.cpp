/// quipu projection status
#include <quipu/journal/open.hpp>
#include <quipu/projections/projection_status.hpp>
#include <quipu/projections/read_models.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <poll.h>

#include "command.hpp"
#include "projection/chosen_projections.hpp"
#include "projection/distance.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

using clock = std::chrono::steady_clock;

struct arguments {
  std::string directory;
  std::string module;
  std::string url;
  std::vector<std::string> names;
  bool as_json = false;
  bool watch = false;
};

/// Two looks make a rate.
struct sample {
  std::uint64_t events = 0;
  clock::time_point when;
};

class watcher {
 public:
  watcher(const arguments& given, output& out) : given_(given), out_(out), models_(given.directory) {}

  exit_code operator()() {
    if (!given_.module.empty()) {
      const auto loaded = load_module(given_.module);
      if (!loaded) {
        complain(loaded.error().text);
        return exit_code::not_opened;
      }
      for (const auto& one : loaded->domain().projections()) known_.push_back(one.type);
    }
    if (!given_.url.empty()) {
      auto opened =
          journal::open(given_.url, {.mode = journal::access::read, .node_directory = given_.directory});
      if (!opened) return give_up(opened.error());
      journal_ = std::move(*opened);
    }
    for (;;) {
      const auto code = look();
      if (!given_.watch || code == exit_code::not_opened) return code;
      out_.flush();
      ::poll(nullptr, 0, 1000);  // a signal ends it
      if (interrupted() || !out_.wanted()) return code;
    }
  }

 private:
  exit_code look() {
    auto names = given_.names;
    if (names.empty()) {
      auto all = models_.projections();
      if (!all) return give_up(all.error());
      names = std::move(*all);
      for (const auto* one : known_)
        if (std::ranges::find(names, one->name) == names.end()) names.push_back(one->name);
    }
    if (names.empty()) {
      complain("there are no read models in " + given_.directory + ": name the node's directory");
      return exit_code::not_opened;
    }
    auto outcome = exit_code::done;
    for (const auto& name : names) {
      const auto known =
          std::ranges::find(known_, name, [](const auto* one) { return std::string_view(one->name); });
      auto kept = models_.kept(name);
      const bool not_yet =
          !kept && kept.error().kind == journal::failure_kind::not_found && known != known_.end();
      if (not_yet) kept = kept_projection{.name = name, .generations = {}};
      if (!kept) return give_up(kept.error());
      std::optional<distance> behind;
      if (const auto* live = kept->live(); live != nullptr && journal_ != nullptr && live->trouble.empty() &&
                                           live->incarnation == journal_->about().incarnation) {
        auto found = distance_of(*journal_, *live);
        if (!found) return give_up(found.error());
        behind = *found;
      }
      if (needs_care(*kept)) outcome = exit_code::found_wrong;
      const auto* here = known == known_.end() ? nullptr : *known;
      const auto rate = rate_of(*kept);
      given_.as_json ? print_object(*kept, behind, rate, here) : print_text(*kept, behind, rate, here);
    }
    return outcome;
  }

  static bool needs_care(const kept_projection& kept) {
    const auto* live = kept.live();
    return live != nullptr && (!live->trouble.empty() || live->failed || live->dead_letters > 0);
  }

  std::optional<double> rate_of(const kept_projection& kept) {
    const auto* live = kept.live();
    if (live == nullptr || !live->since_made) return std::nullopt;
    const auto& counts = *live->since_made;
    const sample now{counts.applied + counts.passed + counts.duplicates, clock::now()};
    const auto key = kept.name + "/" + std::to_string(live->number);
    const auto before = seen_.find(key);
    std::optional<double> rate;
    if (before != seen_.end() && now.events >= before->second.events)
      rate = static_cast<double>(now.events - before->second.events) /
             std::chrono::duration<double>(now.when - before->second.when).count();
    seen_[key] = now;
    return rate;
  }

  static std::string state_of(const kept_generation_facts& live) {
    if (!live.trouble.empty()) return "unreadable";
    if (live.failed) return "failed";
    if (live.paused) return "paused";
    return live.holder ? "kept" : "not kept";
  }

  bool of_this_journal(const kept_generation_facts& live) const {
    return journal_ == nullptr || !live.trouble.empty() || live.incarnation == journal_->about().incarnation;
  }

  void print_text(const kept_projection& kept, const std::optional<distance>& behind,
                  std::optional<double> rate, const port::projection_type* here) {
    const auto* live = kept.live();
    if (live == nullptr) {
      out_.line(printable(kept.name) + "  no live generation");
    } else {
      out_.line(printable(kept.name) + "  version " + std::to_string(live->version) + ", generation " +
                std::to_string(live->number) + ", " + state_of(*live));
      if (here != nullptr && here->version != live->version)
        out_.line("  module    has version " + std::to_string(here->version) + ": rebuild it");
      out_.line(
          "  position  " + position_text(live->position) +
          (live->position.record() == 0 ? "" : ", " + time_text(live->time.time_since_epoch().count())));
      if (!of_this_journal(*live))
        out_.line("  journal   another one: it follows " + live->incarnation.hex());
      if (behind) {
        const double seconds = std::chrono::duration<double>(behind->time).count();
        std::string text = "  backlog   " + std::string(name_of(behind->backlog)) +
                           ": the journal ends with record " + std::to_string(behind->head);
        if (behind->events > 0)
          text += ", about " + std::to_string(behind->events) + " events and " +
                  std::to_string(static_cast<std::uint64_t>(std::ceil(seconds))) + " s behind";
        out_.line(text);
      }
      if (live->since_made)
        out_.line("  events    " + std::to_string(live->since_made->applied) + " applied, " +
                  std::to_string(live->since_made->passed) + " passed by, " +
                  std::to_string(live->since_made->duplicates) + " duplicates, " +
                  std::to_string(live->since_made->retries) + " retries" +
                  (rate ? ", " + std::to_string(std::llround(*rate)) + " a second" : ""));
      out_.line("  letters   " + std::to_string(live->dead_letters) + " dead letters, " +
                std::to_string(live->skipped) + " skipped");
      if (live->holder) out_.line("  kept by   process " + printable(*live->holder));
      if (live->paused) out_.line("  paused    " + printable(*live->paused));
      if (live->failed) out_.line("  failed    " + printable(*live->failed));
      if (!live->trouble.empty()) out_.line("  trouble   " + printable(live->trouble));
    }
    for (const auto& one : kept.generations) {
      if (one.live) continue;
      out_.line("  beside    generation " + std::to_string(one.number) +
                (one.unpromoted ? ", a rebuild" : ", an old one") +
                (one.trouble.empty()
                     ? ", version " + std::to_string(one.version) + ", at " + position_text(one.position)
                     : ", unreadable") +
                (one.holder ? ", kept by process " + printable(*one.holder) : ""));
    }
  }

  void print_object(const kept_projection& kept, const std::optional<distance>& behind,
                    std::optional<double> rate, const port::projection_type* here) {
    json object{{"projection", valid_utf8(kept.name)},
                {"module_version", here == nullptr ? json(nullptr) : json(here->version)},
                {"live", nullptr},
                {"generations", json::array()}};
    for (const auto& one : kept.generations) {
      json line{{"generation", one.number}, {"unpromoted", one.unpromoted}};
      if (one.trouble.empty()) {
        line["version"] = one.version;
        line["incarnation"] = one.incarnation.hex();
        line["position"] = position_text(one.position);
        line["time"] =
            one.position.record() == 0 ? json(nullptr) : json(time_text(one.time.time_since_epoch().count()));
        line["dead_letters"] = one.dead_letters;
        line["skipped"] = one.skipped;
        if (one.since_made) {
          line["applied"] = one.since_made->applied;
          line["passed"] = one.since_made->passed;
          line["duplicates"] = one.since_made->duplicates;
          line["retries"] = one.since_made->retries;
        }
      } else {
        line["trouble"] = valid_utf8(one.trouble);
      }
      const auto text = [](const std::optional<std::string>& from) {
        return from ? json(valid_utf8(*from)) : json(nullptr);
      };
      line["holder"] = one.holder ? json(std::stoll("0" + *one.holder)) : json(nullptr);
      line["paused"] = text(one.paused);
      line["failed"] = text(one.failed);
      if (one.live) {
        object["live"] = one.number;
        line["state"] = state_of(one);
        line["of_this_journal"] = journal_ == nullptr ? json(nullptr) : json(of_this_journal(one));
        line["head"] = behind ? json(behind->head) : json(nullptr);
        line["lag_events"] = behind ? json(behind->events) : json(nullptr);
        line["lag_seconds"] =
            behind ? json(std::chrono::duration<double>(behind->time).count()) : json(nullptr);
        line["backlog"] = behind ? json(name_of(behind->backlog)) : json(nullptr);
        line["events_per_second"] = rate ? json(std::llround(*rate)) : json(nullptr);
      }
      object["generations"].push_back(std::move(line));
    }
    out_.line(line_of(object));
  }

  const arguments& given_;
  output& out_;
  read_models models_;
  std::unique_ptr<journal::journal> journal_;
  std::vector<const port::projection_type*> known_;
  std::map<std::string, sample> seen_;
};

constexpr auto footer =
    R"(Only reads, and so runs beside whoever keeps them. Without --journal nothing is known of its end, and of how far they are
behind. Events a second come from two looks: with --watch, which looks once a second until Ctrl-C.

Exit codes: 0 done; 1 a live generation needs care: it failed, has dead letters, or can't be read; 2 wrong usage; 3 could not
reach or open.

Keys of --json, an object a projection: projection, module_version (null without --module), live (its number, or null),
generations: [generation, unpromoted (a rebuild), version, incarnation, position, time, dead_letters, skipped, applied, passed,
duplicates, retries (these four since it was made), trouble (instead of the last ten, where it can't be read), holder (the
pid of who keeps it), paused, failed (why, or null); and of the live one: state (kept, not kept, paused, failed, unreadable),
of_this_journal, head (the journal's last record), lag_events (an estimate), lag_seconds, backlog (ok, low, high),
events_per_second].

Examples:
  quipu projection status --directory data
  quipu projection status --directory data --journal lmdb:data/journal --watch
  quipu projection status --directory data --projection balances --json | jq .live)";

}  // namespace

void add_projection_status(CLI::App& projection, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = projection.add_subcommand("status", "How projections fare");
  app->footer(footer);
  app->add_option("--directory", given->directory, "The node's directory, in which read-models/ lies")
      ->required();
  app->add_option("--module", given->module, "Also those of this module that nobody keeps yet");
  app->add_option("--journal", given->url, journal_urls);
  app->add_option("--projection", given->names, "Only this one; may be given again")->allow_extra_args(false);
  app->add_flag("--json", given->as_json, "An object a projection");
  app->add_flag("--watch", given->watch, "Look once a second");
  app->callback([given, &command] { command.run = [given](output& out) { return watcher(*given, out)(); }; });
}

}  // namespace quipu::tool
