/// The demo: real flights through a journal, by a worker that is killed half way and started again, while somebody looks at
/// the tables that it keeps; then the books are checked against the file and the journal, and the tables against the
/// journal. Exit codes: 0 right, 1 something is missing or counted twice, 2 wrong usage, 3 something could not be
/// opened.
#include <CLI/CLI.hpp>
#include <quipu/journal/open.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "audit.hpp"
#include "demo_screen.hpp"
#include "flights_domain.hpp"
#include "highlights.hpp"
#include "load.hpp"
#include "run_command.hpp"
#include "tables_audit.hpp"
#include "terminal.hpp"
#include "worker.hpp"

namespace samples {
namespace {

using clock = std::chrono::steady_clock;

struct demo_options {
  std::filesystem::path directory = "build/demo";
  std::string journal = "lmdb:";
  std::string csv = "samples/flights/flights-20k.csv";
};

/// What both workers together did.
struct tally {
  std::size_t movements = 0;
  std::size_t confirmed = 0;
  std::size_t repeats = 0;
  double seconds = 0;  ///< of sending and answering
  std::vector<std::uint32_t> latencies_us;

  double per_second() const { return seconds > 0 ? static_cast<double>(latencies_us.size()) / seconds : 0; }
};

int fail(const terminal& out, const std::string& why, int code) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s %s\n", out.bad("demo:").c_str(), why.c_str());
  return code;
}

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

/// An empty directory, with a mark that says whose it is: what is not the demo's own is never removed.
std::expected<void, std::string> make_anew(const std::filesystem::path& directory) {
  const auto mark = directory / "made-by-the-demo";
  std::error_code trouble;
  if (std::filesystem::exists(directory) && !std::filesystem::is_empty(directory, trouble) &&
      !std::filesystem::exists(mark))
    return std::unexpected(directory.string() + " is not empty and not the demo's; name another --directory");
  std::filesystem::remove_all(directory, trouble);
  std::filesystem::create_directories(directory, trouble);
  if (!std::ofstream(mark)) return std::unexpected(directory.string() + " cannot be written");
  return {};
}

/// The books are right only where nothing was counted before. The demo's own directory is empty; what lies elsewhere is
/// looked at, and never removed.
std::expected<void, std::string> expect_empty(const std::string& url) {
  if (url == "lmdb:") return {};
  const auto opened = quipu::journal::open(url, {.mode = quipu::journal::access::read});
  if (!opened && opened.error().kind == quipu::journal::failure_kind::not_found) return {};
  if (!opened) return std::unexpected(opened.error().text);
  const auto held = (*opened)->summarize();
  if (!held) return std::unexpected(held.error().text);
  if (held->records == 0) return {};
  return std::unexpected(quipu::journal::without_secrets(url) + " holds " + grouped(held->records) +
                         " records already, perhaps of an earlier demo: name another journal, for example " +
                         "with another NAME at the end of the URL");
}

/// Runs one worker from the first movement that is not confirmed, looks at its tables when `look_at_movement` are, and kills it
/// when `kill_at` are.
std::expected<void, std::string> run_worker(terminal& out, const demo_options& how,
                                            std::size_t look_at_movement, std::size_t kill_at,
                                            tally& so_far) {
  const bool again = so_far.confirmed > 0;
  const auto started = clock::now();
  auto child = worker::start({"--directory", how.directory.string(), "--journal", how.journal, "--csv",
                              how.csv, "--from", std::to_string(so_far.confirmed)});
  if (!child) return std::unexpected(child.error());
  quipu::read_models models(how.directory);
  std::map<std::string, worker_followed> lags;
  bool looked = false;
  const auto seconds_before = so_far.seconds;
  auto serving = clock::now();
  bool killed = false;
  while (const auto line = child->next()) {
    if (const auto* opened = std::get_if<worker_opened>(&*line)) {
      serving = clock::now();
      if (!again) continue;
      out.line("recovered", out.bold(milliseconds(static_cast<double>(opened->took_ms))) + ": " +
                                grouped(opened->snapshots) + " snapshots loaded, " + grouped(opened->events) +
                                " events replayed; serving " + milliseconds(seconds_since(started) * 1000) +
                                " after the new process began");
    } else if (const auto* followed = std::get_if<worker_followed>(&*line)) {
      lags[followed->projection] = *followed;
    } else if (const auto* answered = std::get_if<worker_answered>(&*line)) {
      so_far.confirmed = answered->confirmed;
      so_far.latencies_us.insert(so_far.latencies_us.end(), answered->latencies_us.begin(),
                                 answered->latencies_us.end());
      so_far.seconds = seconds_before + seconds_since(serving);
      if (!looked && so_far.confirmed >= look_at_movement) {
        looked = true;
        const auto now = look_at(models, 1);
        if (!now) return std::unexpected(now.error());
        out.hide_progress();
        print_live(out, *now);
        print_lag(out, lags);
      }
      out.progress("loading", so_far.confirmed, so_far.movements, so_far.per_second());
      if (!killed && so_far.confirmed >= kill_at && so_far.confirmed < so_far.movements) {
        child->kill();
        killed = true;
      }
    } else if (const auto* done = std::get_if<worker_done>(&*line)) {
      so_far.repeats += done->repeats + done->forgotten;
    }
  }
  out.end_progress();
  const auto pid = child->pid();
  const int code = child->wait();
  if (killed) {
    out.line("killed", out.bad("SIGKILL") + " to the worker, process " + std::to_string(pid) + ", at " +
                           grouped(so_far.confirmed) + " confirmed; up to " + grouped(most_outstanding) +
                           " more were under way");
    return {};
  }
  if (code != 0) return std::unexpected("the worker ended with exit code " + std::to_string(code));
  return {};
}

/// Reads everything back, from the airports, the journal and the tables. Returns the exit code.
int check_books(const terminal& out, const demo_options& how, std::span<const flight> flights, tally& all) {
  auto rt = quipu::runtime::open(flights_domain(), {.directory = how.directory, .journal = how.journal});
  if (!rt) return fail(out, rt.error().text, 3);
  const auto states = read_airports(*rt, flights);
  if (!states) return fail(out, states.error(), 3);
  const auto counted = count_in_journal(*rt->journal(), flights);
  if (!counted) return fail(out, counted.error(), 3);
  quipu::read_models models(how.directory);
  const auto told = look_at(models, 5);
  if (!told) return fail(out, told.error(), 3);
  const auto wrong_rows = differences(models, counted->sums);
  if (!wrong_rows) return fail(out, wrong_rows.error(), 3);

  print_airports(out, *states);
  print_routes(out, *told);
  std::ranges::sort(all.latencies_us);
  print_speed(out, all.per_second(), most_outstanding, all.latencies_us);
  out.line("sent again",
           grouped(all.repeats) +
               " commands had taken effect before the kill and were told so: " + "none counted twice");
  auto wrong = differences(*states, flights);
  wrong.insert(wrong.end(), counted->wrong.begin(), counted->wrong.end());
  wrong.insert(wrong.end(), wrong_rows->begin(), wrong_rows->end());
  for (const auto& one : wrong) out.line(out.bad("wrong"), one);
  if (wrong.empty()) {
    out.line("checked", out.good("✓") + " " + grouped(counted->events) + " events in " +
                            grouped(counted->records) + " records, " + grouped(states->size()) +
                            " airports: each of " + grouped(flights.size()) +
                            " flights left once and arrived once");
    out.line("", out.good("✓") + " tables: " + grouped(counted->sums.by_route.size()) + " routes and " +
                     grouped(counted->sums.by_hour.size()) +
                     " hours are what the journal adds up to, though who kept them was killed");
  }
  rt->close();
  return wrong.empty() ? 0 : 1;
}

void print_where(const terminal& out, const demo_options& how) {
  const auto url = how.journal == "lmdb:" ? "lmdb:" + (how.directory / "journal").string()
                                          : quipu::journal::without_secrets(how.journal);
  out.line("look at it", "build/release/tools/quipu/quipu journal info " + url);
  out.line("", "build/release/tools/quipu/quipu journal cat " + url + " --limit 5");
  std::printf("\n");
}

int run_demo(const demo_options& how) {
  terminal out;
  const auto flights = read_flights(how.csv);
  if (!flights) return fail(out, flights.error(), 3);
  if (how.journal.starts_with("memory:"))
    return fail(out, "a journal in memory dies with its process; the demo kills it", 2);
  if (const auto empty = expect_empty(how.journal); !empty) return fail(out, empty.error(), 3);
  if (const auto made = make_anew(how.directory); !made) return fail(out, made.error(), 3);

  tally all;
  all.movements = flights->size() * 2;
  std::printf("\n  %s  %s flights, %s commands, journal %s in %s\n\n", out.bold("Quipu demo").c_str(),
              grouped(flights->size()).c_str(), grouped(all.movements).c_str(),
              quipu::journal::without_secrets(how.journal).c_str(), how.directory.c_str());
  for (const bool kill : {true, false}) {
    const auto look_at_movement = all.movements * (kill ? 1 : 3) / 4;
    const auto kill_at = kill ? all.movements / 2 : all.movements + 1;
    if (const auto ran = run_worker(out, how, look_at_movement, kill_at, all); !ran)
      return fail(out, ran.error(), 3);
  }
  const int code = check_books(out, how, *flights, all);
  print_where(out, how);
  return code;
}

}  // namespace
}  // namespace samples

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "run") return samples::run_command(argc - 1, argv + 1);
  samples::demo_options how;
  CLI::App app("Real flights through a journal, with a worker that is killed half way.", "flights_demo");
  app.add_option("--directory", how.directory, "removed and made anew")->capture_default_str();
  app.add_option("--journal", how.journal, "lmdb: (in the directory), lmdb:PATH, nats://HOST:PORT/NAME")
      ->capture_default_str();
  app.add_option("--csv", how.csv, "the flights")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  return samples::run_demo(how);
}
