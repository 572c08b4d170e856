#include "load.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <mutex>

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

/// Blocks the producer while too much is outstanding; wakes it when a quarter of it is done.
class window {
 public:
  explicit window(std::uint32_t size) : size_(size) {}
  void enter(std::uint64_t count) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return open_.load() + count <= size_; });
    open_ += count;
  }
  void leave() {
    if (--open_ != size_ - size_ / 4 && open_.load() != 0) return;
    const std::lock_guard lock(mutex_);
    room_.notify_one();
  }
  void drain() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return open_.load() == 0; });
  }

 private:
  std::uint64_t size_;
  std::atomic<std::uint64_t> open_{0};
  std::mutex mutex_;
  std::condition_variable room_;
};

}  // namespace

quipu::result<quipu::runtime> open_bank(const setting& how) {
  static const auto bank = quipu::domain{"bank", quipu::entities<samples::account>};
  quipu::options options{.directory = how.directory,
                         .journal = how.journal,
                         .partitions = how.partitions,
                         .threads = how.threads,
                         .recovery_target = std::chrono::milliseconds(how.recovery_target_ms)};
  if (how.resident != 0)
    options.entities.resident_per_partition = std::max(1U, how.resident / how.partitions);
  return quipu::runtime::open(bank, std::move(options));
}

std::string account_name(std::uint64_t number) { return "account-" + std::to_string(number); }

bool open_accounts(quipu::runtime& bank, const setting& how) {
  window room(how.outstanding);
  std::atomic<std::uint64_t> failures{0};
  for (std::uint64_t first = 0; first < how.accounts; first += how.together) {
    const auto count = std::min<std::uint64_t>(how.together, how.accounts - first);
    std::vector<quipu::keyed<bank::OpenT>> list;
    for (std::uint64_t i = 0; i < count; ++i)
      list.push_back({account_name(first + i), {.owner = "somebody"}});
    room.enter(count);
    bank.submit<samples::account>(std::move(list), {}, [&](std::size_t, auto&& answer) {
      if (!answer || !answer->accepted()) ++failures;
      room.leave();
    });
  }
  room.drain();
  if (failures != 0)
    std::fprintf(stderr, "%llu accounts could not be opened\n", static_cast<unsigned long long>(failures));
  return failures == 0;
}

figures deposit(quipu::runtime& bank, const setting& how, const std::function<void(std::uint64_t)>& note) {
  window room(how.outstanding);
  std::vector<float> latencies(how.commands);
  std::atomic<std::uint64_t> failures{0};
  const auto before = bank.status();
  const auto start = clock::now();
  for (std::uint64_t first = 0; first < how.commands; first += how.together) {
    const auto count = std::min<std::uint64_t>(how.together, how.commands - first);
    std::vector<quipu::keyed<bank::DepositT>> list;
    list.reserve(count);
    for (std::uint64_t i = first; i < first + count; ++i)
      list.push_back({account_name(account_of(i, how)), {.amount = 1}});
    room.enter(count);
    const auto sent = clock::now();
    bank.submit<samples::account>(std::move(list), {}, [&, first, sent](std::size_t i, auto&& answer) {
      if (!answer || !answer->accepted()) ++failures;
      latencies[first + i] = std::chrono::duration<float, std::milli>(clock::now() - sent).count();
      room.leave();
    });
    if (note) note(first + count);
  }
  room.drain();
  const double seconds = std::chrono::duration<double>(clock::now() - start).count();
  const auto after = bank.status();
  if (failures != 0)
    std::fprintf(stderr, "%llu deposits failed\n", static_cast<unsigned long long>(failures));
  return summarize(latencies, seconds,
                   static_cast<double>(after.commits - before.commits) /
                       static_cast<double>(std::max<std::uint64_t>(1, after.batches - before.batches)));
}

figures summarize(std::vector<float>& latencies_ms, double seconds, double events_per_batch) {
  const auto at = [&](std::size_t permille) {
    const auto nth =
        latencies_ms.begin() + static_cast<std::ptrdiff_t>(latencies_ms.size() * permille / 1000);
    std::ranges::nth_element(latencies_ms, nth);
    return static_cast<double>(*nth);
  };
  return {.per_second = static_cast<double>(latencies_ms.size()) / seconds,
          .p50_ms = at(500),
          .p99_ms = at(990),
          .events_per_batch = events_per_batch};
}

double anonymous_mb() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word)
    if (word == "RssAnon:") {
      double kb = 0;
      status >> kb;
      return kb / 1024;
    }
  return 0;
}

}  // namespace bench
