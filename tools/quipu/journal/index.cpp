/// quipu journal index
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <quipu/journal/open.hpp>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "reading/index_format.hpp"
#include "reading/journal_figures.hpp"
#include "reading/journal_index.hpp"
#include "reading/record_walk.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string url;
  index_arguments index;
  bool fresh = false;
  bool as_json = false;
};

/// A chapter is ended after so many commits: that much work is lost where the program is killed.
constexpr std::uint64_t chapter_commits = 1'000'000;
constexpr std::size_t piece_commits = 16 * 1024;
constexpr std::size_t piece_records = 8 * 1024;

std::string reason() { return std::strerror(errno); }  // NOLINT(concurrency-mt-unsafe)

/// The right to write an index, for as long as it lives: a lock that dies with the process, and its pid for others.
class hold {
 public:
  explicit hold(const std::filesystem::path& file)
      : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) {
      trouble_ = "cannot make " + file.string() + ": " + reason();
    } else if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      trouble_ = errno == EWOULDBLOCK ? "process " + holder() + " is making the index in " +
                                            file.parent_path().string() + " now: wait until it has ended"
                                      : "cannot lock " + file.string() + ": " + reason();
    } else {
      const auto pid = std::to_string(::getpid());
      if (::ftruncate(descriptor_, 0) == 0) (void)!::pwrite(descriptor_, pid.data(), pid.size(), 0);
    }
  }
  ~hold() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  hold(const hold&) = delete;
  hold& operator=(const hold&) = delete;

  /// Why it is not held, for people; empty: it is.
  const std::string& trouble() const { return trouble_; }

 private:
  std::string holder() const {
    std::array<char, 24> text{};
    const auto length = ::pread(descriptor_, text.data(), text.size(), 0);
    return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length))
                      : std::string("of another user");
  }

  int descriptor_;
  std::string trouble_;
};

/// The file, written at its end.
class appended_file {
 public:
  /// Cuts it after `end`.
  appended_file(const std::filesystem::path& name, std::uint64_t end)
      : descriptor_(::open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), end_(end) {
    if (descriptor_ < 0 || ::ftruncate(descriptor_, static_cast<off_t>(end)) != 0)
      trouble_ = "cannot write " + name.string() + ": " + reason();
  }
  ~appended_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  appended_file(const appended_file&) = delete;
  appended_file& operator=(const appended_file&) = delete;

  bool append(std::string_view bytes) {
    while (!bytes.empty() && trouble_.empty()) {
      const auto wrote = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(end_));
      if (wrote < 0 && errno == EINTR) continue;  // a chapter is ended when the program is asked to stop, too
      if (wrote <= 0) {
        trouble_ = "cannot write the index: " + reason();
      } else {
        end_ += static_cast<std::uint64_t>(wrote);
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
      }
    }
    return trouble_.empty();
  }
  const std::string& trouble() const { return trouble_; }
  std::uint64_t end() const { return end_; }

 private:
  int descriptor_;
  std::uint64_t end_;
  std::string trouble_;
};

/// Gathers records into pieces and ends chapters.
class builder {
 public:
  /// Goes on behind `before`, or begins a file of its own.
  builder(const std::filesystem::path& file, const id128& incarnation, const journal_index* before)
      : file_(file, before != nullptr ? before->file().end() : 0) {
    if (before != nullptr) {
      through_ = before->through();
      unreadable_ = before->unreadable();
      figures_ = before->figures();
      anchor_ = before->file().chapter().at("anchor");
    } else {
      const json head{{"what", "index of a Quipu journal"},
                      {"version", index_format::version},
                      {"incarnation", incarnation.hex()}};
      index_format::put(blocks_, index_format::block_kind::head, 0, head.dump());
    }
  }

  void add(const read_record& record) {
    auto& piece = pieces_[record.stored.partition];
    piece.add(record.view, record.stored.number);
    figures_.count(record);
    anchor_ = {{"record", record.stored.number},
               {"partition", record.stored.partition},
               {"sum", record.view.sum().hex()}};
    through_ = std::max(through_, record.stored.number);
    commits_ += record.view.commit_count();
    if (piece.entities.size() >= piece_commits || piece.records.size() >= piece_records)
      put(record.stored.partition, piece);
    if (commits_ >= chapter_commits) end_chapter();
  }

  void add_unreadable(const record_range& range) {
    unreadable_.push_back(range);
    through_ = std::max(through_, range.last);
  }

  /// What was added is whole from here on.
  bool end_chapter() {
    for (auto& [partition, piece] : pieces_)
      if (!piece.records.empty()) put(partition, piece);
    json unreadable = json::array();
    for (const auto& range : unreadable_) unreadable.push_back(json::array({range.first, range.last}));
    const json chapter{{"through", through_},
                       {"anchor", anchor_},
                       {"unreadable", std::move(unreadable)},
                       {"figures", figures_.encoded()}};
    index_format::put(blocks_, index_format::block_kind::chapter, 0, chapter.dump());
    commits_ = 0;
    return file_.append(std::exchange(blocks_, {}));
  }

  void cover(record_number last) { through_ = std::max(through_, last); }
  record_number through() const { return through_; }
  const journal_figures& figures() const { return figures_; }
  const appended_file& file() const { return file_; }

 private:
  void put(journal::partition_id partition, index_format::piece& piece) {
    index_format::put(blocks_, index_format::block_kind::piece, partition, piece.encoded());
    piece = {};
  }

  appended_file file_;
  std::string blocks_;  ///< of the chapter, to be written at its end
  std::map<journal::partition_id, index_format::piece> pieces_;
  std::vector<record_range> unreadable_;
  record_number through_ = 0;
  json anchor_;  ///< the last sound record
  journal_figures figures_;
  std::uint64_t commits_ = 0;  ///< of the chapter
};

/// Every byte of it: a piece that is damaged would only be noticed when it is needed.
bool is_sound(const journal_index& index) {
  for (const auto& piece : index.file().pieces())
    if (!index.file().body(piece)) return false;
  return true;
}

/// The index that can be gone on with; says why there is none though there is a file.
std::optional<journal_index> usable(const std::filesystem::path& file, journal::journal& journal,
                                    const journal::summary& sum) {
  auto found = journal_index::look(file, journal, sum);
  if (found && *found && !is_sound(**found)) found = std::unexpected("is damaged");
  if (!found) {
    complain("the index " + file.string() + " " + found.error() + ": it is made anew");
    return std::nullopt;
  }
  if (*found && (*found)->file().damaged())
    complain("the index " + file.string() + " is damaged behind record " +
             std::to_string((*found)->through()) + ": it is made anew from there");
  return std::move(*found);
}

/// On a terminal, and only there.
class progress {
 public:
  explicit progress(record_number last) : last_(last), shown_(::isatty(STDERR_FILENO) == 1) {}
  ~progress() {
    if (written_) (void)!::write(STDERR_FILENO, "\r\x1b[K", 4);
  }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void show(record_number at) {
    if (!shown_ || clock::now() < next_) return;
    next_ = clock::now() + std::chrono::milliseconds(250);
    const auto text = "\rrecord " + std::to_string(at) + " of " + std::to_string(last_);
    written_ = ::write(STDERR_FILENO, text.data(), text.size()) > 0 || written_;
  }

 private:
  using clock = std::chrono::steady_clock;
  record_number last_;
  bool shown_;
  bool written_ = false;
  clock::time_point next_ = clock::now() + std::chrono::milliseconds(500);
};

void report(const arguments& given, const std::filesystem::path& file, record_number from,
            const builder& made, output& out) {
  const auto& figures = made.figures();
  if (given.as_json) {
    out.line(line_of(json{{"url", valid_utf8(journal::without_secrets(given.url))},
                          {"index", valid_utf8(file.string())},
                          {"from_record", from},
                          {"through_record", made.through()},
                          {"commits", figures.commits},
                          {"events", figures.events},
                          {"bytes", made.file().end()}}));
  } else {
    out.line((from > made.through()
                  ? "nothing new: up to record " + std::to_string(made.through())
                  : "indexed the records " + std::to_string(from) + " to " + std::to_string(made.through())) +
             ", " + std::to_string(figures.events) + " events in all, " + size_text(made.file().end()) +
             ": " + printable(file.string()));
  }
}

exit_code make_index(const arguments& given, const std::filesystem::path& place, journal::journal& journal,
                     const journal::summary& sum, output& out) {
  const auto file = place / index_file;
  std::optional<journal_index> before;
  if (!given.fresh) before = usable(file, journal, sum);
  // Whoever reads the old one goes on with it.
  if (!before) ::unlink(file.c_str());
  builder made(file, journal.about().incarnation, before ? &*before : nullptr);
  if (!made.file().trouble().empty()) {
    complain(made.file().trouble());
    return exit_code::not_opened;
  }
  const auto from = std::max(made.through() + 1, sum.first);
  record_walk walk(journal, from, sum.last, std::nullopt, out);
  {
    progress shown(sum.last);
    std::size_t faults = 0;
    auto take_faults = [&] {
      for (; faults < walk.faults().size(); ++faults) made.add_unreadable(walk.faults()[faults]);
    };
    while (auto step = walk.next()) {
      take_faults();
      made.add(*step);
      if (!made.file().trouble().empty()) break;
      shown.show(step->stored.number);
    }
    take_faults();
  }
  const bool whole = !interrupted() && walk.outcome() != exit_code::not_opened;
  if (whole) made.cover(sum.last);
  const bool changed = !before || made.through() > before->through();
  if (!made.file().trouble().empty() || (changed && !made.end_chapter())) {
    complain(made.file().trouble());
    return exit_code::not_opened;
  }
  if (!whole) {
    complain("the index goes up to record " + std::to_string(made.through()) + " of " +
             std::to_string(sum.last) + "; the same command goes on from there");
    return walk.outcome();
  }
  report(given, file, from, made, out);
  return walk.outcome();
}

exit_code index(const arguments& given, output& out) {
  auto opened = journal::open(given.url, {.mode = journal::access::read, .node_directory = {}});
  if (!opened) return give_up(opened.error());
  auto& journal = **opened;
  const auto place = place_of_index(given.index, journal.about().incarnation);
  if (!place) {
    complain(
        "there is no place for the index: neither XDG_CACHE_HOME nor HOME is set; say where with --index");
    return exit_code::wrong_usage;
  }
  std::error_code error;
  std::filesystem::create_directories(*place, error);
  if (error) {
    complain("cannot make the directory " + place->string() + ": " + error.message());
    return exit_code::not_opened;
  }
  const hold mine(*place / "lock");
  if (!mine.trouble().empty()) {
    complain(mine.trouble());
    return exit_code::not_opened;
  }
  auto sum = journal.summarize();
  if (!sum) return give_up(sum.error());
  return make_index(given, *place, journal, *sum, out);
}

constexpr auto footer =
    R"(With an index journal cat --entity, --command-id and times, journal history, trace and info answer at once, because
they need not read the whole journal. What came into the journal after the index was made is read as ever: it stays right
when it is behind, and the same command extends it. Nothing else does, so run it from time to time (cron) where the journal
is large.

It lies in DIRECTORY/INCARNATION; DIRECTORY is $XDG_CACHE_HOME/quipu or ~/.cache/quipu unless --index says so. It belongs
to this very journal, is a cache and may be deleted at any time. One that is damaged, of another version, or that does not
fit the journal is not used. Ctrl-C leaves it whole.

Keys of --json: url, index (its file), from_record, through_record (what was read now), commits, events (in all), bytes.

Examples:
  quipu journal index lmdb:data/journal
  quipu journal index lmdb:data/journal --index /var/cache/quipu
  quipu journal cat lmdb:data/journal --entity account/acc-17 --index /var/cache/quipu)";

}  // namespace

void add_journal_index(CLI::App& journal, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = journal.add_subcommand("index", "Make or extend the index that makes reading instant");
  app->add_option("URL", given->url, journal_urls)->required();
  add_index_option(*app, given->index);
  app->add_flag("--fresh", given->fresh, "Make it anew, whatever is there");
  app->add_flag("--json", given->as_json, "One JSON object instead of text");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return index(*given, out); }; });
}

}  // namespace quipu::tool
