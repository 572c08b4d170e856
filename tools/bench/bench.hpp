/// The benchmarks of quipu-bench, one a function. Each prints what it measured and returns an exit code.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace bench {

/// What the benchmarks have in common: the bank, and where it lies.
struct setting {
  std::filesystem::path directory = "build/bench";  ///< emptied first
  std::string journal = "lmdb:";
  std::uint32_t partitions = 16;
  std::uint32_t threads = 0;
  std::uint64_t accounts = 10'000;
  std::uint64_t commands = 1'000'000;
  std::uint32_t outstanding = 1'024;
  std::uint32_t together = 256;  ///< commands handed over at once
  std::uint32_t resident = 0;    ///< entities in memory, of the node; 0: the default
  std::uint32_t recovery_target_ms = 500;
  int rounds = 3;
};

/// Durable commands a second, beside the skeleton in the same run where the journal is LMDB.
int commands(const setting& how);
/// Kill a loaded bank, then: how much was replayed, how long until the first answer, and the same without
/// checkpoint.
int recovery(const setting& how);
/// Reads a journal through the port; fills it first where there is none.
int replay(const setting& how);
/// Replays one journal with an evolve that takes the object and with one that takes the stored table: events a second
/// and allocations an event, of evolve alone and of a whole recovery.
int evolve(const setting& how);
/// More entities than may be in memory: correct, and memory stays flat.
int residency(const setting& how);

/// Rebuilds balances and statement from every event, beside bare LMDB programs that write the same rows and marks.
int projection(const setting& how);

/// How far balances are behind the bank at half of its full rate, followed by so many projections at once.
int lag(const setting& how, std::uint32_t projections);
/// Transfers through the reaction, each answered at both ends, beside a client that asks for both halves itself.
int reaction(const setting& how);

/// Looks into a bank's journal with the program `quipu` (empty: the one that was built beside this program).
int inspect(const setting& how, std::string program);

/// Commands, latency and batches of one run.
struct figures {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double events_per_batch = 0;
};
/// The architecture without its features: partitions that add up amounts, group commit into LMDB with fsync.
figures run_skeleton(const setting& how);

/// Anonymous resident memory of this process in MB: the map of LMDB is not memory that anybody pays for.
double anonymous_mb();

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace bench
