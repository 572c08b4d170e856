// What the program `quipu` takes to look into a journal of 2 000 000 events: time, events a second and memory of the real
// process, its start included.
#include "bank_journal.hpp"
#include "load.hpp"

#include <quipu/journal/open.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

extern char** environ;

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

struct run {
  double ms = 0;
  double anonymous_mb = 0;  ///< the most that was seen, looking every few ms
  bool done = false;
};

double anonymous_mb_of(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  std::string word;
  while (status >> word)
    if (double kb = 0; word == "RssAnon:" && status >> kb) return kb / 1024;
  return 0;
}

/// Its output goes nowhere, what it complains of into a file.
run run_program(std::vector<std::string> command, const std::filesystem::path& complaints) {
  std::vector<char*> arguments;
  for (auto& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, complaints.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0600);
  run what;
  const auto start = clock::now();
  pid_t child = 0;
  const int failed = posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return what;
  // Looks at its memory until it ends, and hardly notices the end too late: a pause is short beside what is measured.
  std::jthread look([&](const std::stop_token& stop) {
    for (; !stop.stop_requested(); std::this_thread::sleep_for(std::chrono::milliseconds(2)))
      what.anonymous_mb = std::max(what.anonymous_mb, anonymous_mb_of(child));
  });
  int status = 0;
  siginfo_t ended{};
  waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
  what.ms = std::chrono::duration<double, std::milli>(clock::now() - start).count();
  look.request_stop();
  look.join();
  waitpid(child, &status, 0);
  what.done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return what;
}

/// A row of the table. In `arguments` URL stands for the journal's.
struct row {
  const char* what;
  std::vector<std::string> arguments;
  bool with_index = false;
};

const std::vector<row>& rows() {
  static const std::vector<row> all{
      {"info", {"journal", "info", "URL"}},
      {"cat --entity", {"journal", "cat", "URL", "--entity", "account/account-77"}},
      {"cat --type (none)", {"journal", "cat", "URL", "--type", "bank.Withdrawn"}},
      {"cat --where (none)", {"journal", "cat", "URL", "--where", "/amount > 1"}},
      {"cat --reverse --limit 10", {"journal", "cat", "URL", "--reverse", "--limit", "10"}},
      {"cat, all of it", {"journal", "cat", "URL"}},
      {"history --limit 10", {"journal", "history", "URL", "account/account-77", "--limit", "10"}},
      {"verify", {"journal", "verify", "URL"}},
      {"index", {"journal", "index", "URL", "--fresh"}},
      {"index, up to date", {"journal", "index", "URL"}, true},
      {"info", {"journal", "info", "URL"}, true},
      {"cat --entity", {"journal", "cat", "URL", "--entity", "account/account-77"}, true},
      {"history --limit 10", {"journal", "history", "URL", "account/account-77", "--limit", "10"}, true},
      {"cat --command-id (none)",
       {"journal", "cat", "URL", "--command-id", "019b77a4000070008000000000000001"},
       true},
  };
  return all;
}

/// What reading alone takes: a cursor over all records, whose bytes are added up and not understood.
void measure_bare(const std::string& url, const setting& how, double events) {
  const auto journal =
      quipu::journal::open(url, {.mode = quipu::journal::access::read, .node_directory = {}});
  if (!journal) throw std::runtime_error(journal.error().text);
  const auto last = (*journal)->summarize();
  if (!last) throw std::runtime_error(last.error().text);
  double best = 0;
  double bytes = 0;
  std::uint64_t sum = 0;
  for (int i = 0; i < how.rounds; ++i) {
    bytes = 0;
    const auto start = clock::now();
    const auto cursor = (*journal)->read(last->first);
    for (quipu::record_number at = 0; at < last->last;) {
      const auto record = cursor->next();
      if (!record) throw std::runtime_error(record.error().text);
      if (!*record) break;
      at = (*record)->number;
      for (const auto byte : (*record)->data) sum += byte;
      bytes += static_cast<double>((*record)->data.size());
    }
    const auto ms = seconds_since(start) * 1000;
    best = best == 0 ? ms : std::min(best, ms);
  }
  std::printf("  %-26s %-10s %9.1f ms %12.0f events/s %6.0f MB/s (sum %llx)\n", "a cursor alone, no checks",
              "", best, events / best * 1000, bytes / best / 1000, static_cast<unsigned long long>(sum));
}

void measure(const row& what, const std::string& program, const std::string& url, const setting& how,
             double events) {
  std::vector<std::string> command{program};
  for (const auto& word : what.arguments) command.push_back(word == "URL" ? url : word);
  std::vector<run> runs;
  const auto complaints = how.directory / "complaints";
  for (int i = 0; i < how.rounds; ++i) runs.push_back(run_program(command, complaints));
  const auto best = std::ranges::min(runs, {}, &run::ms);
  const auto most = std::ranges::max(runs, {}, &run::anonymous_mb).anonymous_mb;
  std::printf("  %-26s %-10s %9.1f ms %12.0f events/s %6.0f MB anonymous%s\n", what.what,
              what.with_index ? "with index" : "", best.ms, events / best.ms * 1000, most,
              std::ranges::all_of(runs, &run::done) ? "" : ("   FAILED, see " + complaints.string()).c_str());
  std::fflush(stdout);
}

}  // namespace

int inspect(const setting& how, std::string program) {
  if (program.empty())
    program = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "quipu" / "quipu";
  const auto url = how.journal == "lmdb:" ? "lmdb:" + (how.directory / "journal").string() : how.journal;
  std::filesystem::remove_all(how.directory);
  std::filesystem::create_directories(how.directory);
  try {
    const auto journal = quipu::journal::open_or_create(url, {.partitions = how.partitions},
                                                        {.node_directory = how.directory});
    if (!journal) throw std::runtime_error(journal.error().text);
    const auto start = clock::now();
    const auto wrote = write_bank(**journal, how);
    std::printf("%llu events in %llu records, %.0f MB, written in %.1f s\n",
                static_cast<unsigned long long>(wrote.events), static_cast<unsigned long long>(wrote.records),
                static_cast<double>(wrote.bytes) / 1e6, seconds_since(start));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
  // Indexes lie in the user's cache: here it is one of its own, empty at the beginning.
  setenv("XDG_CACHE_HOME", (how.directory / "cache").c_str(), 1);
  const auto events = static_cast<double>(how.accounts + how.commands);
  try {
    measure_bare(url, how, events);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
  for (const auto& what : rows()) measure(what, program, url, how, events);
  return 0;
}

}  // namespace bench
