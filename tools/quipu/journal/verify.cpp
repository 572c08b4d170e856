/// quipu journal verify
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <quipu/module.hpp>
#include <string>
#include <utility>
#include <vector>

#include "checking/check_run.hpp"
#include "checking/fault_report.hpp"
#include "command.hpp"
#include "reading/opened_journal.hpp"
#include "reading/position_argument.hpp"
#include "terminal/progress.hpp"

namespace quipu::tool {
namespace {

using clock = std::chrono::steady_clock;

struct arguments {
  std::string url;
  std::string from;
  std::string to;
  std::vector<std::string> modules;
  std::uint64_t limit = 1000;
  bool as_json = false;
};

/// What is printed while and after it checks.
class report {
 public:
  report(const arguments& given, output& out) : given_(given), out_(out) {}

  void take(const fault& one) {
    if (++faults_ > given_.limit) return;
    progress_.clear();
    out_.line(given_.as_json ? line_of(to_json(one)) : text_of(one));
  }
  void show_progress(const check_range& range, record_number at, const journal_check& check);
  void summarize(const check_range& range, record_number reached, const journal_check& check);
  std::uint64_t faults() const { return faults_; }

 private:
  double seconds() const { return std::chrono::duration<double>(clock::now() - begun_).count(); }

  const arguments& given_;
  output& out_;
  progress_line progress_;
  std::uint64_t faults_ = 0;
  const clock::time_point begun_ = clock::now();
};

std::string rate_text(std::uint64_t bytes, double seconds) {
  return size_text(static_cast<std::uint64_t>(static_cast<double>(bytes) / std::max(seconds, 1e-6))) + "/s";
}

void report::show_progress(const check_range& range, record_number at, const journal_check& check) {
  if (!progress_.due()) return;
  const auto share =
      static_cast<double>(at + 1 - range.first) / static_cast<double>(range.last + 1 - range.first);
  progress_.show(std::to_string(static_cast<int>(std::floor(share * 100))) + " %, at record " +
                 std::to_string(at) + " of " + std::to_string(range.last) + ", " +
                 rate_text(check.figures().bytes, seconds()) + ", " + fault_count(faults_));
}

void report::summarize(const check_range& range, record_number reached, const journal_check& check) {
  progress_.clear();
  const auto& all = check.figures();
  const auto* modules = check.modules();
  const auto took = seconds();
  if (given_.as_json) {
    json line{{"first_record", range.first},
              {"last_record", reached},
              {"complete", reached == range.last},
              {"records", all.records},
              {"claims", all.claims},
              {"commits", all.commits},
              {"events", all.events},
              {"entities", check.entities()},
              {"bytes", all.bytes},
              {"faults", faults_},
              {"seconds", std::round(took * 1000) / 1000}};
    if (modules != nullptr) {
      line["evolved_events"] = modules->evolved();
      line["passed_events"] = modules->passed();
    }
    out_.line(line_of(line));
    return;
  }
  if (faults_ > given_.limit)
    out_.line("… and " + std::to_string(faults_ - given_.limit) + " more: --limit shows them");
  if (reached < range.last)
    out_.line("stopped behind record " + std::to_string(reached) + " of " + std::to_string(range.last));
  auto line = std::to_string(all.records) + " records, " + std::to_string(all.events) + " events of " +
              std::to_string(check.entities()) + " entities";
  if (modules != nullptr) {
    line += ", " + std::to_string(modules->evolved()) + " of them applied";
    if (modules->passed() != 0) line += " and " + std::to_string(modules->passed()) + " passed over";
  }
  out_.line(line + ", " + size_text(all.bytes) + " at " + rate_text(all.bytes, took) + ": " +
            fault_count(faults_));
}

bool complain_of_position(const std::string& option, const std::string& text) {
  if (text.empty() || parse_position(text)) return false;
  complain(option + " " + text + ": write a record's number or a position, for example 12 or 12:3");
  return true;
}

/// Records as a whole: what `--from 12:3` names is checked with the rest of record 12.
check_range range_of(const arguments& given, const journal::summary& sum) {
  check_range range{.first = std::max<record_number>(sum.first, 1), .last = sum.last, .to_end = true};
  if (!given.from.empty()) range.first = std::max(range.first, parse_position(given.from)->record());
  if (given.to.empty()) return range;
  const auto to = parse_position(given.to)->record();
  range.to_end = to >= range.last;
  range.last = std::min(range.last, to);
  return range;
}

journal::result<std::vector<quipu::module>> load(const std::vector<std::string>& files) {
  std::vector<quipu::module> all;
  for (const auto& file : files) {
    auto loaded = load_module(file);
    if (!loaded) return journal::fail(loaded.error().code, loaded.error().text);
    all.push_back(std::move(*loaded));
  }
  return all;
}

exit_code verify(const arguments& given, output& out) {
  if (complain_of_position("--from", given.from) || complain_of_position("--to", given.to))
    return exit_code::wrong_usage;
  auto modules = load(given.modules);
  if (!modules) {
    complain(describe(modules.error()));
    return exit_code::not_opened;
  }
  auto opened = open_to_read(given.url);
  if (!opened) return give_up(opened.error());
  auto& journal = *opened->from;
  const auto& sum = opened->sum;

  const auto range = range_of(given, sum);
  report lines(given, out);
  const auto found = [&](const fault& one) { lines.take(one); };
  std::unique_ptr<module_check> evolving;
  if (!modules->empty())
    evolving = std::make_unique<module_check>(std::move(*modules), opened->schemas, found);
  journal_check check(journal.about(), std::move(opened->schemas),
                      range.first <= std::max<record_number>(sum.first, 1), found);
  check.use(std::move(evolving));
  const check_watch watch{.progress = [&](record_number at) { lines.show_progress(range, at, check); }};
  const auto reached = run_check(journal, range, check, watch);
  if (!reached) {
    out.flush();
    return give_up(reached.error());
  }
  lines.summarize(range, *reached, check);
  return lines.faults() == 0 ? exit_code::done : exit_code::found_wrong;
}

constexpr auto footer =
    R"(Checks, up to where the journal ended at the start:
  record      each record's checksum and structure; unreadable: what the storage does not give
  chain       each record follows the one before it in its partition; tail: partitions end where the journal says
  foreign     records belong to this very journal; partition: and to the partition that their entities belong to
  epoch       epochs never go back; claim: each begins with a claim
  time        times of a partition never go back
  sequence    each entity's events are numbered without gaps and in order, also after it ended or expired
  source      reactions' commands follow from events before them
  schema      there is one for every type, and it is what it is stored as; payload: events and replies fit theirs
  module      with --module: every event is decoded and applied by the domain's code (its states stay in memory)

One line a fault, with its place; it goes on behind it. With --from, chains and sequences begin where they begin, so a
damaged place can be left behind. Exit code 1 with faults.

Keys of --json, an object a fault: fault (one of the words above), record, last_record (of a range), partition,
position, entity, sequence (these where they are known), what, code (for quipu explain, where there is one).
And at the end: first_record, last_record, complete (false: it was asked to stop), records, claims, commits, events,
entities, bytes, faults, seconds, evolved_events, passed_events (these with --module).

Examples:
  quipu journal verify lmdb:data/journal
  quipu journal verify lmdb:data/journal --from 1200 --json
  quipu journal verify nats://127.0.0.1:4222/bank --module ./bank_module.so)";

}  // namespace

void add_journal_verify(CLI::App& journal, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = journal.add_subcommand("verify", "Check every record, chain, sequence and payload");
  app->add_option("URL", given->url, journal_urls)->required();
  // An empty shell variable must not silently mean "everything".
  auto not_empty = [](const std::string& text) { return std::string(text.empty() ? "is empty" : ""); };
  app->add_option("--from", given->from, "Begin with this record: RECORD or RECORD:INDEX")->check(not_empty);
  app->add_option("--to", given->to, "End with this record")->check(not_empty);
  app->add_option("--module", given->modules,
                  "Also decode and apply every event with this shared library; may be given again")
      ->allow_extra_args(false);
  app->add_option("--limit", given->limit, "Print this many faults, and count the others")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app->add_flag("--json", given->as_json, "One JSON object a line instead of text");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return verify(*given, out); }; });
}

}  // namespace quipu::tool
