/// quipu journal tail
#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "reading/event_lines.hpp"
#include "reading/journal_index.hpp"
#include "reading/opened_journal.hpp"
#include "reading/record_walk.hpp"
#include "reading/selection.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

using namespace std::chrono_literals;

// How often it looks when nothing comes: a person hardly notices, and neither does the journal.
constexpr std::chrono::milliseconds first_wait = 20ms;
constexpr std::chrono::milliseconds longest_wait = 250ms;
/// While the journal cannot be reached.
constexpr std::chrono::milliseconds wait_to_reach = 1s;

struct arguments {
  std::string url;
  selection_arguments select;
  index_arguments index;
  std::uint64_t last = 0;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  line_format format;
};

/// One run of the command.
class run_of {
 public:
  run_of(const arguments& given, const selection& which, journal::journal& journal,
         std::vector<journal::stored_schema> schemas, output& out)
      : given_(given),
        which_(which),
        journal_(journal),
        out_(out),
        payloads_(std::move(schemas), &journal),
        filter_(which, payloads_, out),
        lines_(given.format, payloads_, out),
        left_(given.limit) {}

  exit_code operator()(const journal::summary& sum) {
    if (!given_.select.from.empty() || given_.last > 0)
      if (auto code = print_past(sum); code == exit_code::not_opened) return code;
    follow(std::max(sum.last + 1, which_.first.record()));
    const bool damage = filter_.found_damage() || lines_.found_damage();
    return damage && outcome_ == exit_code::done ? exit_code::found_wrong : outcome_;
  }

 private:
  bool wants_more() const { return left_ > 0 && out_.wanted() && !interrupted(); }

  void print(const read_record& record) {
    for_each_selected(record, filter_, direction::oldest_first, [&](const placed_event& event) {
      out_.line(lines_.line_of(event));
      --left_;
      return wants_more();
    });
  }

  /// What there was when it began.
  exit_code print_past(const journal::summary& sum) {
    const auto index = journal_index::open(given_.index, journal_, sum);
    const auto where = find_records(journal_, which_.looked_for_in({sum.first, sum.last}), index);
    only_ = where.only;
    const auto way = given_.last > 0 ? direction::newest_first : direction::oldest_first;
    record_walk walk(journal_, where.ranges, where.only, out_, way);
    if (given_.last > 0) {
      print_last(walk);
    } else {
      while (wants_more()) {
        const auto record = walk.next();
        if (!record) break;
        print(*record);
      }
    }
    return outcome_ = walk.outcome();
  }

  void print_last(record_walk& walk) {
    std::vector<std::string> lines;
    while (lines.size() < given_.last && wants_more()) {
      const auto record = walk.next();
      if (!record) break;
      for_each_selected(*record, filter_, direction::newest_first, [&](const placed_event& event) {
        lines.push_back(lines_.line_of(event));
        return lines.size() < given_.last;
      });
    }
    for (auto line = lines.rbegin(); line != lines.rend() && wants_more(); ++line) {
      out_.line(*line);
      --left_;
    }
  }

  void follow(record_number from) {
    if (which_.entity)
      only_ = journal::partition_of(journal::entity_hash(which_.entity->category, which_.entity->key),
                                    journal_.about().partitions);
    std::optional<range_reader> reader;
    auto wait = first_wait;
    while (wants_more()) {
      if (!reader) reader.emplace(journal_, from_here_on(from), only_);
      auto found = reader->next();
      from = reader->position();
      if (reader->failure()) {
        if (!wait_for(*reader->failure())) return;
        reader.reset();
        continue;
      }
      reached_ = true;
      if (!found) {
        out_.wait(wait);
        wait = std::min(2 * wait, longest_wait);
        continue;
      }
      wait = first_wait;
      if (const auto* record = std::get_if<read_record>(&*found)) {
        print(*record);
      } else {
        report(std::get<record_fault>(*found));
        from = std::get<record_fault>(*found).where.last + 1;
        reader.reset();
      }
    }
  }

  /// Whether it may come back: a server that is started again is no reason to end.
  bool wait_for(const journal::failure& why) {
    out_.flush();
    if (why.kind != journal::failure_kind::unavailable) {
      outcome_ = give_up(why);
      return false;
    }
    if (std::exchange(reached_, false)) complain(describe(why) + "; waiting");
    out_.wait(wait_to_reach);
    return true;
  }

  void report(const record_fault& fault) {
    out_.flush();
    complain(fault.text);
    outcome_ = exit_code::found_wrong;
  }

  const arguments& given_;
  const selection& which_;
  journal::journal& journal_;
  output& out_;
  payload_reader payloads_;
  event_filter filter_;
  event_lines lines_;
  std::uint64_t left_;
  std::optional<journal::partition_id> only_;
  bool reached_ = true;
  exit_code outcome_ = exit_code::done;
};

exit_code tail(const arguments& given, output& out) {
  const auto which = selection::parse(given.select);
  if (!which) {
    complain(which.error());
    return exit_code::wrong_usage;
  }
  auto opened = open_to_read(given.url);
  if (!opened) return give_up(opened.error());
  return run_of(given, *which, *opened->from, std::move(opened->schemas), out)(opened->sum);
}

constexpr auto head =
    R"(Prints events as they come, in the lines of quipu journal cat, from the journal's end at the start on, or from where
--from or --last say. Ends with Ctrl-C, after --limit events, and when nobody reads it any more. Waits for a server that
is away.

)";

constexpr auto examples = R"(

Examples:
  quipu journal tail lmdb:data/journal
  quipu journal tail nats://127.0.0.1:4222/bank --last 20 --entity account/acc-17
  quipu journal tail lmdb:data/journal --where '/amount >= 100000' --json | while read -r event; do …; done)";

}  // namespace

void add_journal_tail(CLI::App& journal, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = journal.add_subcommand("tail", "Print events as they come");
  app->add_option("URL", given->url, journal_urls)->required();
  add_selection_options(*app, given->select, until::for_ever);
  auto* last = app->add_option("--last", given->last, "Begin with the last so many of these events")
                   ->check(CLI::PositiveNumber);
  app->get_option("--from")->excludes(last);
  app->add_option("--limit", given->limit, "Stop after this many events")->check(CLI::PositiveNumber);
  app->add_flag("--raw", given->format.raw, "Payloads as bytes, not decoded");
  app->add_flag("--json", given->format.as_json, "One JSON object a line instead of text");
  add_index_option(*app, given->index);
  app->footer(head + std::string(selection_help) + "\n\n" + event_keys_help + examples);
  app->callback([given, &command] { command.run = [given](output& out) { return tail(*given, out); }; });
}

}  // namespace quipu::tool
