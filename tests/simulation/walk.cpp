#include "walk.hpp"

#include "world.hpp"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ostream>
#include <sstream>

namespace quipu::simulation {
namespace {

constexpr int longest_schedule_s = 20;  // of processor time: a machine that stands still proves nothing
constexpr std::size_t last_lines = 60;

volatile std::uint64_t running_seed = 0;
volatile std::uint64_t schedules_done = 0;
bool crash_is_wanted = false;

// Only what a signal handler may do.
extern "C" void on_crash(int signal) {
  char text[256];
  const int size = std::snprintf(
      text, sizeof text,
      "seed %llu: %s after %llu schedules\nrepeat with: quipu_walk --schedules 1 --seed %llu\n",
      static_cast<unsigned long long>(running_seed),
      signal == SIGVTALRM ? "no end (endless loop?)" : "crashed (assertion?)",
      static_cast<unsigned long long>(schedules_done), static_cast<unsigned long long>(running_seed));
  if (size > 0) (void)!write(STDOUT_FILENO, text, static_cast<std::size_t>(size));
  _exit(crash_is_wanted ? 0 : 1);
}

void give_time(int seconds) {
  const itimerval limit{{0, 0}, {seconds, 0}};
  setitimer(ITIMER_VIRTUAL, &limit, nullptr);
}

void tell(std::uint64_t seed, const violation& found, bool verbose, std::ostream& out) {
  out << "seed " << seed << " breaks invariant " << found.invariant << "\n  " << found.text << "\n"
      << "repeat with: " << command_line(seed) << " --verbose\n";
  // The walk is silent for speed; the same seed once more, talking.
  const auto again = run_schedule(seed, true);
  if (!again.found || again.found->text != found.text)
    out << "  (the repetition went another way: " << (again.found ? again.found->text : "nothing found")
        << ")\n";
  std::size_t skipped = 0;
  if (!verbose && again.transcript.size() > last_lines) skipped = again.transcript.size() - last_lines;
  if (skipped != 0) out << "  … " << skipped << " steps before these\n";
  for (std::size_t i = skipped; i < again.transcript.size(); ++i) out << again.transcript[i] << "\n";
  out.flush();
}

}  // namespace

std::string command_line(std::uint64_t seed) {
  return "quipu_walk --schedules 1 --seed " + std::to_string(seed);
}

std::string walk_figures::text() const {
  std::ostringstream out;
  out << schedules << " schedules in " << seconds << " s: " << failed << " failed; " << steps << " steps, "
      << records << " records, " << answers << " answers, " << rejections << " rejections, " << repeats
      << " repeats, " << errors << " errors, " << unknowns << " unknown outcomes, " << expiries
      << " expiries, " << handled << " known by their marks";
  return out.str();
}

void catch_crashes(bool wanted) {
  crash_is_wanted = wanted;
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGVTALRM}) {
    struct sigaction action = {};
    action.sa_handler = on_crash;
    sigaction(number, &action, nullptr);
  }
}

walk_figures walk(const walk_options& how, std::ostream& out) {
  walk_figures all;
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  for (; all.schedules < how.schedules && all.failed < how.failures; ++all.schedules) {
    if (how.seconds != 0 && elapsed() > how.seconds) break;
    const auto seed = how.seed + all.schedules;
    running_seed = seed;
    schedules_done = all.schedules;
    give_time(longest_schedule_s);
    const auto one = run_schedule(seed, how.verbose && how.schedules == 1);
    all.steps += one.steps;
    all.records += one.records;
    all.answers += one.answers;
    all.rejections += one.rejections;
    all.repeats += one.repeats;
    all.errors += one.errors;
    all.unknowns += one.unknowns;
    all.expiries += one.expiries;
    all.handled += one.handled;
    if (one.found) {
      ++all.failed;
      tell(seed, *one.found, how.verbose, out);
    } else {
      for (const auto& line : one.transcript) out << line << "\n";
    }
  }
  give_time(0);
  all.seconds = elapsed();
  return all;
}

}  // namespace quipu::simulation
