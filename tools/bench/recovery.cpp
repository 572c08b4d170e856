// A bank is loaded by a child process and killed; what does it take until it answers again?
#include "load.hpp"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

double ms_since(clock::time_point start) {
  return std::chrono::duration<double, std::milli>(clock::now() - start).count();
}

/// Runs the whole load in a child and kills it with SIGKILL right after the last answer, before it can close.
bool load_and_kill(const setting& how) {
  int tells[2];
  if (pipe(tells) != 0) return false;
  const pid_t child = fork();
  if (child == 0) {
    close(tells[0]);
    auto bank = open_bank(how);
    if (!bank || !open_accounts(*bank, how)) _exit(3);
    const auto f = deposit(*bank, how);
    std::printf("loaded: %.0f durable commands/s, %.0f events a batch\n", f.per_second, f.events_per_batch);
    std::fflush(stdout);
    (void)!write(tells[1], "x", 1);
    pause();
    _exit(0);
  }
  close(tells[1]);
  char done = 0;
  const bool loaded = read(tells[0], &done, 1) == 1;
  close(tells[0]);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  return loaded;
}

struct opened {
  double first_answer_ms = 0;
  quipu::node_status status;
  std::map<std::string, std::string> states;  // the balance and sequence of every account, as text
};

std::optional<opened> open_and_read(const setting& how) {
  const auto start = clock::now();
  auto bank = open_bank(how);
  if (!bank) {
    std::fprintf(stderr, "%s\n", bank.error().text.c_str());
    return std::nullopt;
  }
  opened result;
  (void)bank->ask<samples::account>(account_name(0), bank::WithdrawT{.amount = 1'000'000'000}).get();
  result.first_answer_ms = ms_since(start);
  result.status = bank->status();
  for (std::uint64_t first = 0; first < how.accounts; first += 256) {
    std::vector<quipu::future<quipu::answer<bank::AccountT>>> reads;
    for (std::uint64_t i = first; i < std::min(first + 256, how.accounts); ++i)
      reads.push_back(bank->read<samples::account>(account_name(i)));
    for (std::uint64_t i = first; auto& read : reads) {
      const auto a = read.get();
      result.states[account_name(i++)] =
          a && a->accepted()
              ? (*a)->owner + " " + std::to_string((*a)->balance) + " @" + std::to_string(a->sequence)
              : "missing";
    }
  }
  return result;
}

void print(const char* what, const opened& o, const setting& how) {
  const auto& r = o.status.recovery;
  std::printf(
      "%-22s %8llu events replayed, %llu snapshots loaded; serving after %lld ms (target %u ms); first "
      "answer %.0f ms "
      "after open() began\n",
      what, static_cast<unsigned long long>(r.events_replayed),
      static_cast<unsigned long long>(r.snapshots_loaded), static_cast<long long>(r.took.count()),
      how.recovery_target_ms, o.first_answer_ms);
  for (const auto& note : o.status.notes) std::printf("  note: %s\n", note.c_str());
}

}  // namespace

int recovery(const setting& how) {
  std::filesystem::remove_all(how.directory);
  if (!load_and_kill(how)) return 3;
  const auto after_kill = open_and_read(how);
  if (!after_kill) return 3;
  print("after SIGKILL:", *after_kill, how);
  std::filesystem::remove_all(how.directory / "checkpoints");
  const auto rebuilt = open_and_read(how);
  if (!rebuilt) return 3;
  print("without a checkpoint:", *rebuilt, how);
  if (rebuilt->status.recovery.events_per_second > 0)
    std::printf("replayed %.0f events/s\n", rebuilt->status.recovery.events_per_second);

  std::uint64_t wrong = 0;
  const auto deposits = how.commands / how.accounts;
  for (std::uint64_t i = 0; i < how.accounts; ++i) {
    const auto expected = "somebody " + std::to_string(deposits) + " @" + std::to_string(deposits + 1);
    if (after_kill->states.at(account_name(i)) != expected || rebuilt->states.at(account_name(i)) != expected)
      ++wrong;
  }
  std::printf("%llu accounts compared with what was acknowledged: %llu differ\n",
              static_cast<unsigned long long>(how.accounts), static_cast<unsigned long long>(wrong));
  return wrong == 0 ? 0 : 1;
}

}  // namespace bench
