// Durable commands a second, beside the bare skeleton, in turn: A B A B.
#include "load.hpp"

#include <algorithm>
#include <cstdio>

namespace bench {
namespace {

void print(const char* name, const figures& f) {
  std::printf("  %-9s %9.0f durable commands/s   p50 %6.2f ms   p99 %6.2f ms   %6.0f events a batch\n", name,
              f.per_second, f.p50_ms, f.p99_ms, f.events_per_batch);
  std::fflush(stdout);
}

}  // namespace

int commands(const setting& how) {
  std::printf("%llu deposits on %llu accounts, %u outstanding, %u partitions, fsync before every answer\n",
              static_cast<unsigned long long>(how.commands), static_cast<unsigned long long>(how.accounts),
              how.outstanding, how.partitions);
  std::vector<double> ratios;
  for (int round = 0; round < how.rounds; ++round) {
    std::filesystem::remove_all(how.directory);
    const auto bare = run_skeleton(how);
    print("skeleton", bare);
    std::filesystem::remove_all(how.directory);
    auto bank = open_bank(how);
    if (!bank) {
      std::fprintf(stderr, "%s\n", bank.error().text.c_str());
      return 3;
    }
    if (!open_accounts(*bank, how)) return 1;
    const auto ours = deposit(*bank, how);
    print("quipu", ours);
    ratios.push_back(ours.per_second / bare.per_second);
  }
  std::ranges::sort(ratios);
  std::printf("  quipu / skeleton: %.2f (median of %zu pairs; %.2f to %.2f)\n", ratios[ratios.size() / 2],
              ratios.size(), ratios.front(), ratios.back());
  return 0;
}

}  // namespace bench
