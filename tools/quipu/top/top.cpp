/// quipu top
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <quipu/journal/open.hpp>
#include <quipu/projections/read_models.hpp>
#include <string>
#include <utility>

#include "command.hpp"
#include "terminal/interruption.hpp"
#include "terminal/screen.hpp"
#include "top/meter.hpp"

namespace quipu::tool {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct arguments {
  std::string url;
  std::string directory;
  std::uint64_t interval_ms = 1000;
  bool once = false;
  bool as_json = false;
};

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// The read models of a directory, as their files tell.
class projection_watch {
 public:
  explicit projection_watch(const std::string& directory) : models_(directory) {}

  journal::result<std::vector<projection_figures>> look(const id128& incarnation, record_number head,
                                                        double events_a_record) {
    const auto names = models_.projections();
    if (!names) return std::unexpected(names.error());
    std::vector<projection_figures> out;
    for (const auto& name : *names) {
      const auto kept = models_.kept(name);
      const auto* live = kept ? kept->live() : nullptr;
      projection_figures one{.name = name};
      if (!kept || (live != nullptr && !live->trouble.empty())) {
        one.state = "unreadable";
      } else if (live == nullptr) {
        one.state = "none live";
      } else if (live->incarnation != incarnation) {
        one.state = "another journal";
      } else {
        describe(*live, head, events_a_record, one);
      }
      out.push_back(std::move(one));
    }
    return out;
  }

 private:
  void describe(const kept_generation_facts& live, record_number head, double events_a_record,
                projection_figures& one) {
    one.state = live.failed ? "failed" : live.paused ? "paused" : live.holder ? "kept" : "not kept";
    one.dead_letters = live.dead_letters;
    const auto at = live.position.record();
    const auto records = head > at ? head - at : 0;
    one.lag_events = static_cast<std::uint64_t>(static_cast<double>(records) * events_a_record);
    if (records == 0)
      one.lag_seconds = 0;
    else if (at > 0)
      one.lag_seconds =
          std::max(0.0, static_cast<double>(now_us() - live.time.time_since_epoch().count()) / 1e6);
    if (!live.since_made) return;
    const auto& counts = *live.since_made;
    const look_before now{live.number, counts.applied + counts.passed + counts.duplicates, clock::now()};
    const auto before = std::exchange(before_[one.name], now);
    if (before.generation == now.generation && now.events >= before.events)
      one.events_per_second = static_cast<double>(now.events - before.events) /
                              std::chrono::duration<double>(now.when - before.when).count();
  }

  /// Two looks make a rate.
  struct look_before {
    std::uint32_t generation = 0;
    std::uint64_t events = 0;
    clock::time_point when;
  };
  read_models models_;
  std::map<std::string, look_before> before_;
};

class watcher {
 public:
  watcher(const arguments& given, output& out) : given_(given), out_(out) {}

  exit_code operator()() {
    auto opened =
        journal::open(given_.url, {.mode = journal::access::read, .node_directory = given_.directory});
    if (!opened) return give_up(opened.error());
    journal_ = std::move(*opened);
    const auto sum = journal_->summarize();
    if (!sum) return give_up(sum.error());
    const auto before = read_recent(*journal_, *sum, {.records = 2000, .bytes = 16ULL * 1024 * 1024});
    if (!before) return give_up(before.error());
    meter_.emplace(*before);
    next_ = sum->last + 1;
    if (!given_.directory.empty()) {
      projections_.emplace(given_.directory);
      if (const auto there = projections_->look(journal_->about().incarnation, sum->last, 1); !there)
        return give_up(there.error());
    }
    const bool one_look = given_.once || (!given_.as_json && !screen::there());
    if (!one_look && !given_.as_json) {
      screen_.emplace();
      now_ = {.url = journal::without_secrets(given_.url), .time_us = now_us()};
      draw();
    }
    do {
      if (!run_interval()) break;
      show();
    } while (!one_look && out_.wanted() && (!screen_ || screen_->wanted()));
    screen_.reset();
    return one_look && !now_.trouble.empty() ? exit_code::not_opened : exit_code::done;
  }

 private:
  /// False: it is to end.
  bool run_interval() {
    const auto begun = clock::now();
    const auto end = begun + std::chrono::milliseconds(given_.interval_ms);
    trouble_.clear();
    while (clock::now() < end) {
      const bool more = read_some();
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - clock::now());
      if (!rest(more ? 0ms : std::clamp(left, 0ms, trouble_.empty() ? 10ms : 200ms))) return false;
    }
    figures now{.url = journal::without_secrets(given_.url), .time_us = now_us()};
    meter_->take(std::chrono::duration<double>(clock::now() - begun).count(), now);
    now.trouble = trouble_;
    if (projections_) {
      auto seen = projections_->look(journal_->about().incarnation, next_ - 1, meter_->events_a_record());
      if (seen) now.projections = std::move(*seen);
      if (!seen && now.trouble.empty()) now.trouble = journal::describe(seen.error());
      now.looks_at_projections = true;
    }
    now_ = std::move(now);
    return true;
  }

  /// A few records; false where there are no more.
  bool read_some() {
    if (!cursor_) cursor_ = journal_->read(next_);
    for (int i = 0; i < 64; ++i) {
      const auto got = cursor_->next();
      if (!got) {
        trouble_ = journal::describe(got.error());
        cursor_.reset();
        if (got.error().kind == journal::failure_kind::corrupt) ++next_;
        return false;
      }
      if (!*got) return false;
      next_ = (*got)->number + 1;
      const auto view = journal::record_view::decode((*got)->data);
      if (view)
        meter_->count(**got, *view, now_us());
      else
        trouble_ = "record " + std::to_string((*got)->number) + ": " + journal::describe(view.error());
    }
    return true;
  }

  /// Waits, for a key where there is a screen. False: it is to end.
  bool rest(std::chrono::milliseconds time) {
    if (!screen_) {
      if (time > 0ms) ::poll(nullptr, 0, static_cast<int>(time.count()));
      return !interrupted();
    }
    const auto key = screen_->key(time);
    if (key == 'q' || key == 'Q') return false;
    if (screen_->must_renew()) draw();
    return true;
  }

  void show() {
    if (given_.as_json) {
      out_.line(line_of(object_of(now_)));
      out_.flush();
    } else if (screen_) {
      draw();
    } else {
      for (const auto& line : picture_of(now_, 110, 10'000)) out_.line(line);
    }
  }
  void draw() {
    const auto size = terminal_size();
    screen_->show(picture_of(now_, size.columns, size.rows));
  }

  const arguments& given_;
  output& out_;
  std::unique_ptr<journal::journal> journal_;
  std::unique_ptr<journal::cursor> cursor_;
  record_number next_ = 1;
  std::optional<meter> meter_;
  std::optional<projection_watch> projections_;
  std::optional<screen> screen_;
  std::string trouble_;
  figures now_;
};

constexpr auto footer =
    R"(A live screen; q or Ctrl-C ends it. It follows the journal from its end, and so runs beside a live writer. Not on a terminal,
or with --once, it shows one interval as text.

delay is how long after a command was decided its events could be read here: from the commit's own time to the reading, so it
holds the journal's flush, 10 ms of looking again, and what the clocks of two machines differ. When it grows without end, top
itself can't keep up with the writer. behind is an estimate from the usual size of a record; lag is the age of the last event
that the projection has in effect, 0 where it has all. The line behind events shows the last intervals.

Exit codes: 0 done; 2 wrong usage; 3 could not reach or open (a server that goes away later is waited for, and named).

Keys of --json, an object an interval: time, seconds (that the interval took), commands_per_second, events_per_second,
bytes_per_second, records_per_second, delay_p50_ms, delay_p99_ms (null without commits), partitions: [partition,
events_per_second, epoch, owner (null where its claim was not seen), last (time of its last record)], projections: [projection,
state, lag_events, lag_seconds, events_per_second, dead_letters], trouble (null, or why the journal can't be read).

Examples:
  quipu top lmdb:data/journal --directory data
  quipu top nats://127.0.0.1:4222/bank --interval 5s
  quipu top lmdb:data/journal --once
  quipu top lmdb:data/journal --json | jq .events_per_second)";

}  // namespace

void add_top(CLI::App& app, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* top = app.add_subcommand("top", "Watch throughput, delay, partitions and projections live");
  top->add_option("URL", given->url, journal_urls)->required();
  top->add_option("--directory", given->directory, "The node's directory, for its read-models");
  top->add_option("--interval", given->interval_ms, "How long one look takes: 500ms, 1s, 1min")
      ->transform(
          CLI::AsNumberWithUnit(std::map<std::string, std::uint64_t>{{"ms", 1}, {"s", 1000}, {"min", 60'000}},
                                CLI::AsNumberWithUnit::UNIT_REQUIRED)
              .description(""))
      ->check(CLI::Range(100, 600'000).description(""))
      ->type_name("TIME");
  top->add_flag("--once", given->once, "One interval, then end");
  top->add_flag("--json", given->as_json, "An object an interval");
  top->footer(footer);
  top->callback([given, &command] { command.run = [given](output& out) { return watcher(*given, out)(); }; });
}

}  // namespace quipu::tool
