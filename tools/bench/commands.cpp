// Durable commands a second, beside the bare skeleton, in turn: A B A B.
#include "load.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace bench {
namespace {

void print(const char* name, const figures& f) {
  std::printf("  %-9s %9.0f durable commands/s   p50 %6.2f ms   p99 %6.2f ms   %6.0f events a batch\n", name,
              f.per_second, f.p50_ms, f.p99_ms, f.events_per_batch);
  std::fflush(stdout);
}

/// Nothing when the bank can't be opened; the reason is on stderr.
std::optional<figures> run_quipu(const setting& how) {
  std::filesystem::remove_all(how.directory);
  auto bank = open_bank(how);
  if (!bank) {
    std::fprintf(stderr, "%s\n", bank.error().text.c_str());
    return std::nullopt;
  }
  if (!open_accounts(*bank, how)) return std::nullopt;
  const auto ours = deposit(*bank, how);
  print("quipu", ours);
  return ours;
}

}  // namespace

int commands(const setting& how) {
  const bool is_lmdb = how.journal.starts_with("lmdb:");
  std::printf("%llu deposits on %llu accounts, %u outstanding, %u partitions, %s before every answer\n",
              static_cast<unsigned long long>(how.commands), static_cast<unsigned long long>(how.accounts),
              how.outstanding, how.partitions, is_lmdb ? "fsync" : "the journal's ack");
  // The skeleton is one on LMDB; and only the first round finds a journal on a server empty.
  if (!is_lmdb) return run_quipu(how) ? 0 : 3;
  std::vector<double> ratios;
  for (int round = 0; round < how.rounds; ++round) {
    std::filesystem::remove_all(how.directory);
    const auto bare = run_skeleton(how);
    print("skeleton", bare);
    const auto ours = run_quipu(how);
    if (!ours) return 3;
    ratios.push_back(ours->per_second / bare.per_second);
  }
  std::ranges::sort(ratios);
  std::printf("  quipu / skeleton: %.2f (median of %zu pairs; %.2f to %.2f)\n", ratios[ratios.size() / 2],
              ratios.size(), ratios.front(), ratios.back());
  return 0;
}

}  // namespace bench
