/// quipu journal import
#include <memory>
#include <quipu/journal/open.hpp>
#include <quipu/version.hpp>
#include <string>
#include <utility>

#include "checking/check_run.hpp"
#include "checking/fault_report.hpp"
#include "command.hpp"
#include "copying/export_reader.hpp"
#include "copying/importer.hpp"
#include "copying/journal_reader.hpp"
#include "terminal/interruption.hpp"
#include "terminal/progress.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string from;
  std::string to;
  std::uint32_t replicas = 1;
  bool as_json = false;
};

exit_code give_up(const source_trouble& why) {
  complain(why.text);
  return why.code;
}

bool is_url(const std::string& text) {
  return text.starts_with("lmdb:") || text.starts_with("nats:") || text.starts_with("memory:");
}

journal::result<std::unique_ptr<journal::journal>> open_target(const arguments& given,
                                                               const journal::identity& like) {
  return journal::open_or_create(given.to,
                                 {.partitions = like.partitions,
                                  .max_record_bytes = like.max_record_bytes,
                                  .creator = "quipu " QUIPU_VERSION ", a copy",
                                  .replicas = given.replicas,
                                  .lineage = like.lineage},
                                 {.owner = "quipu journal import"});
}

/// What the target says of itself when all of it is read again.
struct read_again {
  content_digest digest;
  std::uint64_t faults = 0;
};

journal::result<read_again> check_copy(journal::journal& copy, bool as_json, progress_line& progress,
                                       output& out) {
  const auto sum = copy.summarize();
  if (!sum) return std::unexpected(sum.error());
  auto schemas = copy.schemas();
  if (!schemas) return std::unexpected(schemas.error());
  read_again seen;
  journal_check check(copy.about(), std::move(*schemas), true, [&](const fault& one) {
    ++seen.faults;
    progress.clear();
    out.line(as_json ? line_of(to_json(one)) : text_of(one));
  });
  record_sealer sealer;
  const check_watch watch{
      .progress = [&](record_number at) { progress.show("checking record " + std::to_string(at)); },
      .record =
          [&](const journal::stored_record& stored, const journal::record_view& view) {
            const auto content = content_of(stored, view);
            const auto sum_of = content_sum(sealer, content, copy.about().lineage);
            seen.digest.add(content, sum_of.value_or(checksum{}));
          }};
  const auto reached = run_check(copy, {.first = 1, .last = sum->last, .to_end = true}, check, watch);
  if (!reached) return std::unexpected(reached.error());
  return seen;
}

void say_done(const arguments& given, const importer& work, const journal::identity& about,
              std::uint64_t faults, output& out) {
  const auto& [digest, counts] = work.digest();
  if (given.as_json) {
    out.line(line_of(json{{"lineage", about.lineage.hex()},
                          {"incarnation", about.incarnation.hex()},
                          {"records", counts.records},
                          {"commits", counts.commits},
                          {"events", counts.events},
                          {"appended", work.appended()},
                          {"found", work.found()},
                          {"digest", digest.hex()},
                          {"faults", faults}}));
    return;
  }
  out.line("imported " + std::to_string(work.appended()) + " records" +
           (work.found() == 0 ? "" : " (" + std::to_string(work.found()) + " were there)") +
           "; the copy has " + std::to_string(counts.records) + " records, " + std::to_string(counts.events) +
           " events, as the source: digest " + digest.hex() + ", " + fault_count(faults));
}

/// Reads all records and puts them into the target; an exit code where it ends before the source does.
std::optional<exit_code> copy(record_source& from, importer& work, progress_line& progress) {
  for (;;) {
    auto record = from.next();
    if (!record) {
      progress.clear();
      return give_up(record.error());
    }
    if (interrupted()) return exit_code::not_opened;
    if (!*record) break;
    if (auto taken = work.take(**record); !taken) {
      progress.clear();
      return give_up(taken.error());
    }
    if (progress.due())
      progress.show(from.place() + ", " + std::to_string(work.appended()) + " records imported");
  }
  if (auto whole = work.finish(); !whole) return give_up(whole.error());
  return std::nullopt;
}

exit_code import(const arguments& given, output& out) {
  auto from = is_url(given.from) ? read_journal(given.from) : read_export(given.from);
  if (!from) return give_up(from.error());
  if (interrupted()) return exit_code::not_opened;
  if (!is_url(given.to) || given.to.starts_with("memory:")) {
    complain("TO must be a journal's URL, lmdb:PATH or nats://HOST:PORT/NAME, not " + given.to);
    return exit_code::wrong_usage;
  }
  auto& source = **from;
  if (const auto first = source.head().from) {
    complain("the export begins with record " + std::to_string(*first) +
             ": a journal without its beginning is none. Export it without --from.");
    return exit_code::not_opened;
  }
  auto opened = open_target(given, source.head().about);
  if (!opened) return tool::give_up(opened.error());
  importer work(**opened, source.head());
  if (auto ready = work.prepare(); !ready) {
    complain(describe(ready.error()));
    return exit_code::not_opened;
  }
  progress_line progress;
  if (const auto ended = copy(source, work, progress)) return *ended;
  const auto seen = check_copy(**opened, given.as_json, progress, out);
  progress.clear();
  if (!seen) return tool::give_up(seen.error());
  if (interrupted()) return exit_code::not_opened;
  if (seen->digest != work.digest()) {
    out.flush();
    complain("the copy does not hold what the source holds: read again, its digest is " +
             seen->digest.value.hex() + ", and should be " + work.digest().value.hex());
    return exit_code::found_wrong;
  }
  say_done(given, work, (*opened)->about(), seen->faults, out);
  return seen->faults == 0 ? exit_code::done : exit_code::found_wrong;
}

constexpr auto footer =
    R"(FROM is an export's file, - for stdin, or another journal. TO is made where it is missing: a copy with the same lineage,
an incarnation of its own, and the same partitions and size of records. Records, partitions, epochs, sequences, times and
command ids are kept; chains are made anew; the sources of reactions' commands are translated where records get other
numbers. docs/export_format.md says what else holds positions.

It can be stopped at any time: the same command goes on with what is missing, after it compared what is there. A target that
holds something else is refused. At the end the copy is read again, compared with the source and checked like
`journal verify`: its faults are printed (exit code 1). Each record is durable before the next one, so that many small ones take as many flushes.

Keys of --json: the faults, as `journal verify` prints them; then lineage, incarnation, records, commits, events, appended,
found (records that were there), digest (of the content: the same for every copy with the same record numbers), faults.

Examples:
  quipu journal import bank.jsonl lmdb:copy/journal
  quipu journal import lmdb:data/journal nats://127.0.0.1:4222/bank --replicas 3
  zstd -dc bank.jsonl.zst | quipu journal import - lmdb:copy/journal)";

}  // namespace

void add_journal_import(CLI::App& journal, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = journal.add_subcommand("import", "Make a copy of a journal from an export or from the journal");
  app->add_option("FROM", given->from, "File of an export, - for stdin, or the URL of a journal")->required();
  app->add_option("TO", given->to, journal_urls)->required();
  app->add_option("--replicas", given->replicas, "Of a new nats:// journal: servers that keep a copy")
      ->check(CLI::Range(1, 5))
      ->capture_default_str();
  app->add_flag("--json", given->as_json, "One JSON object a line instead of text");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return import(*given, out); }; });
}

}  // namespace quipu::tool
