/// quipu journal export
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "command.hpp"
#include "copying/export_writer.hpp"
#include "reading/opened_journal.hpp"
#include "reading/position_argument.hpp"
#include "reading/read_ahead.hpp"
#include "terminal/interruption.hpp"
#include "terminal/progress.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string url;
  std::string file;
  std::string from;
  std::string to;
  bool bytes_only = false;
};

/// What --output names: made here, and durable at the end.
class output_file {
 public:
  explicit output_file(const std::string& path)
      : path_(path), descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0)
      complain("cannot make " + path + ": " + std::system_category().message(errno) +
               (errno == EEXIST ? ": an export is not written over; remove it, or name another file" : ""));
    else
      stream_.emplace(descriptor_);
  }
  ~output_file() {
    stream_.reset();
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;

  output* stream() { return stream_ ? &*stream_ : nullptr; }
  /// Whether all of it is on the disk; says what is wrong.
  bool finish() {
    stream_->flush();
    const int code = stream_->error() != 0 ? stream_->error() : ::fsync(descriptor_) != 0 ? errno : 0;
    if (code != 0) complain("cannot write " + path_ + ": " + std::system_category().message(code));
    return code == 0;
  }

 private:
  std::string path_;
  int descriptor_;
  std::optional<output> stream_;
};

/// Reads and writes until the end, or until nobody wants more.
class exporter {
 public:
  exporter(const arguments& given, output& to) : given_(given), to_(to) {}
  exit_code run(opened_journal opened);

 private:
  void lost(record_number first, record_number last, const journal::failure& why);
  void put(const read_ahead::chunk& chunk, export_writer& lines);

  const arguments& given_;
  output& to_;
  progress_line progress_;
  exit_code outcome_ = exit_code::done;
};

std::string range_text(record_number first, record_number last) {
  return first == last ? "record " + std::to_string(first)
                       : "the records " + std::to_string(first) + " to " + std::to_string(last);
}

void exporter::lost(record_number first, record_number last, const journal::failure& why) {
  progress_.clear();
  complain(range_text(first, last) + ": " + describe(why));
  outcome_ = exit_code::found_wrong;
}

void exporter::put(const read_ahead::chunk& chunk, export_writer& lines) {
  for (const auto& [stored, view] : chunk.items) {
    if (!to_.wanted() || interrupted()) return;
    if (view) {
      lines.put(stored, *view);
      continue;
    }
    lines.put_lost(stored.number, stored.number, describe(view.error()));
    lost(stored.number, stored.number, view.error());
  }
  if (!chunk.then) return;
  lines.put_lost(chunk.then->first, chunk.then->last, describe(chunk.then->why));
  lost(chunk.then->first, chunk.then->last, chunk.then->why);
}

exit_code exporter::run(opened_journal opened) {
  const auto& sum = opened.sum;
  export_head head{.about = opened.from->about(), .from = {}, .to = {}, .schemas = std::move(opened.schemas)};
  auto first = std::max<record_number>(sum.first, 1);
  auto last = sum.last;
  if (!given_.from.empty() && parse_position(given_.from)->record() > first)
    head.from = first = parse_position(given_.from)->record();
  if (!given_.to.empty() && parse_position(given_.to)->record() < last)
    head.to = last = parse_position(given_.to)->record();
  export_writer lines(head, !given_.bytes_only, to_);
  read_ahead records(*opened.from, first, last);
  while (to_.wanted() && !interrupted()) {
    const auto chunk = records.next();
    if (!chunk) break;
    put(*chunk, lines);
    if (chunk->broken) {
      to_.flush();
      progress_.clear();
      return give_up(*chunk->broken);
    }
    if (!chunk->items.empty() && progress_.due())
      progress_.show("at record " + std::to_string(chunk->items.back().stored.number) + " of " +
                     std::to_string(last));
  }
  if (to_.wanted() && !interrupted()) lines.finish();
  return outcome_;
}

exit_code run_export(const arguments& given, output& out) {
  for (const auto& [option, text] : {std::pair("--from ", given.from), std::pair("--to ", given.to)}) {
    if (text.empty() || parse_position(text)) continue;
    complain(option + text + ": write a record's number or a position, for example 12 or 12:3");
    return exit_code::wrong_usage;
  }
  auto opened = open_to_read(given.url);
  if (!opened) return give_up(opened.error());
  if (given.file.empty()) return exporter(given, out).run(std::move(*opened));
  output_file file(given.file);
  if (file.stream() == nullptr) return exit_code::not_opened;
  const auto outcome = exporter(given, *file.stream()).run(std::move(*opened));
  return file.finish() ? outcome : exit_code::not_opened;
}

constexpr auto footer =
    R"(One JSON object a line: a header (identity, schemas), then claims, records and their commits in the journal's order,
then an end, without which an export was cut off. docs/export_format.md explains every key. Each line carries a sum over
the lines up to it, so that damage shows. Payloads come as JSON for people, and as base64, from which import takes them.

Records are exported as a whole, up to where the journal ended at the start. A damaged one is named on stderr, marked in the
export, and passed over (exit code 1). An export with --from cannot be imported.

Examples:
  quipu journal export lmdb:data/journal --output bank.jsonl
  quipu journal export nats://127.0.0.1:4222/bank --bytes-only | zstd > bank.jsonl.zst
  quipu journal export lmdb:data/journal | jq -c 'select(.kind == "commit") | [.position, .key, .events[].payload]')";

}  // namespace

void add_journal_export(CLI::App& journal, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = journal.add_subcommand("export", "Write a journal as JSON lines");
  app->add_option("URL", given->url, journal_urls)->required();
  // An empty shell variable must not silently mean "everything".
  auto not_empty = [](const std::string& text) { return std::string(text.empty() ? "is empty" : ""); };
  app->add_option("--output", given->file, "Write into this new file instead of stdout")->check(not_empty);
  app->add_option("--from", given->from, "Begin with this record: RECORD or RECORD:INDEX")->check(not_empty);
  app->add_option("--to", given->to, "End with this record")->check(not_empty);
  app->add_flag("--json")->description("Changes nothing: an export is one JSON object a line");
  app->add_flag("--bytes-only", given->bytes_only, "Leave out the payloads' JSON: half the size");
  app->footer(footer);
  app->callback(
      [given, &command] { command.run = [given](output& out) { return run_export(*given, out); }; });
}

}  // namespace quipu::tool
