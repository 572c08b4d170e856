// How far balances are behind the bank while it works at half of its full rate: from a command's durable answer to the moment
// when its row can be read. First the full rate, as `commands` measures it; then half of it as an open loop, which keeps its
// pace whatever the answers do.
#include "balances.hpp"
#include "load.hpp"

#include <quipu/projections/read_models.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace bench {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto load_time = 20s;
constexpr auto tick = 1ms;          // of the open loop, and of the eye that looks at the rows
constexpr auto between_probes = 5;  // ticks
constexpr std::string_view probed = "probe";

// One projection many times: each with a name, a thread and tables of its own.
constexpr std::array<std::string_view, 16> names{"balances",    "balances_1",  "balances_2",  "balances_3",
                                                 "balances_4",  "balances_5",  "balances_6",  "balances_7",
                                                 "balances_8",  "balances_9",  "balances_10", "balances_11",
                                                 "balances_12", "balances_13", "balances_14", "balances_15"};
template <std::size_t N>
struct numbered_balances : samples::balances {
  static constexpr std::string_view name = names[N];
};

using followers = std::vector<std::unique_ptr<quipu::projector>>;

/// False, with the reason on stderr, when one can't be followed.
template <std::size_t N = 0>
bool follow(std::size_t count, quipu::read_models& models, quipu::journal::journal& from, followers& all) {
  if constexpr (N < names.size()) {
    if (N == count) return true;
    auto one = models.follow<numbered_balances<N>>(from);
    if (!one) return std::fprintf(stderr, "%s\n", one.error().text.c_str()), false;
    all.push_back(std::move(*one));
    return follow<N + 1>(count, models, from, all);
  }
  return true;
}

/// Deposits to an account of its own, one at a time by number, each with the moment when it was answered and the moment when
/// the account's row counted it. Two threads: the runtime answers, another one looks.
class probes {
 public:
  probes(quipu::runtime& bank, quipu::read_models& models) : bank_(bank), models_(models), answered_(most_) {}

  bool begin() {
    const auto opened = bank_.ask<samples::account>(std::string(probed), bank::OpenT{.owner = "probe"}).get();
    return opened && opened->accepted();
  }
  void send() {
    const auto number = sent_++;
    bank_.ask<samples::account>(std::string(probed), bank::DepositT{.amount = 1}, {},
                                [this, number](auto&& answer) {
                                  if (answer && answer->accepted())
                                    answered_[number].store(clock::now().time_since_epoch().count());
                                });
  }
  /// All that the row counts was there to be read now.
  void look() {
    const auto now = clock::now().time_since_epoch().count();
    const auto row = models_.read<numbered_balances<0>>(
        [](const samples::balances::tables& t) { return t.get<samples::balances::accounts>(probed); });
    const auto counted = row && *row ? static_cast<std::size_t>((*row)->amount) : 0;
    for (; seen_ < counted; ++seen_) {
      const auto answered = answered_[seen_].load();
      // A row may be read before its command's answer arrives: that is no lag.
      const auto late = answered == 0 || answered > now ? 0 : now - answered;
      lags_ms_.push_back(std::chrono::duration<float, std::milli>(clock::duration(late)).count());
    }
  }
  bool full() const { return sent_ == most_; }
  std::size_t unseen() const { return sent_ - seen_; }
  std::vector<float>& lags_ms() { return lags_ms_; }

 private:
  static constexpr std::size_t most_ = 100'000;

  quipu::runtime& bank_;
  quipu::read_models& models_;
  std::vector<std::atomic<clock::rep>> answered_;
  std::size_t sent_ = 0;
  std::size_t seen_ = 0;
  std::vector<float> lags_ms_;
};

struct loop_figures {
  double per_second = 0;
  std::uint64_t refused = 0;
  double p50_ms = 0;  ///< of the commands, from when they were due
  double p99_ms = 0;
};

/// So many deposits a second, due one after the other, handed over every tick.
loop_figures open_loop(quipu::runtime& bank, const setting& how, double per_second) {
  const auto whole =
      static_cast<std::uint64_t>(per_second * std::chrono::duration<double>(load_time).count());
  std::vector<float> latencies(whole);
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> refused{0};
  const auto start = clock::now();
  for (std::uint64_t sent = 0; sent < whole;) {
    std::this_thread::sleep_for(tick);
    const auto due = std::min(
        whole,
        static_cast<std::uint64_t>(per_second * std::chrono::duration<double>(clock::now() - start).count()));
    std::vector<quipu::keyed<bank::DepositT>> list;
    list.reserve(due - sent);
    for (auto i = sent; i < due; ++i) list.push_back({account_name(account_of(i, how)), {.amount = 1}});
    bank.submit<samples::account>(std::move(list), {}, [&, first = sent](std::size_t i, auto&& answer) {
      if (!answer || !answer->accepted()) ++refused;
      const std::chrono::duration<double> due_at(static_cast<double>(first + i) / per_second);
      latencies[first + i] = std::chrono::duration<float, std::milli>(clock::now() - start - due_at).count();
      ++answered;
    });
    sent = due;
  }
  while (answered != whole) std::this_thread::sleep_for(tick);
  const double seconds = std::chrono::duration<double>(clock::now() - start).count();
  const auto all = summarize(latencies, seconds, 0);
  return {all.per_second, refused, all.p50_ms, all.p99_ms};
}

/// Processor time of this process, in seconds.
double busy_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

int lag(const setting& how, std::uint32_t projections) {
  if (projections == 0 || projections > names.size())
    return std::fprintf(stderr, "--projections: 1 to %zu\n", names.size()), 2;
  std::filesystem::remove_all(how.directory);
  auto bank = open_bank(how);
  if (!bank) return std::fprintf(stderr, "%s\n", bank.error().text.c_str()), 3;
  quipu::read_models models(how.directory);
  probes probe(*bank, models);
  if (!open_accounts(*bank, how) || !probe.begin()) return 3;

  auto before = busy_seconds();
  const auto full = deposit(*bank, how);
  std::printf(
      "full rate %9.0f durable commands/s, p50 %.2f ms, p99 %.2f ms; nothing follows (%.2f us of processor a "
      "command)\n",
      full.per_second, full.p50_ms, full.p99_ms,
      (busy_seconds() - before) * 1e6 / static_cast<double>(how.commands));

  followers all;
  const auto begun = clock::now();
  if (!follow(projections, models, *bank->journal(), all)) return 3;
  const auto end = bank->journal()->summarize();
  for (const auto& one : all)
    if (!end || !one->wait_for(quipu::position::start_of(end->last), 5min))
      return std::fprintf(stderr, "a projection does not catch up: %s\n", one->status().text.c_str()), 1;
  std::printf("caught up with %llu events in %.1f s: %u projection%s\n",
              static_cast<unsigned long long>(how.commands + how.accounts),
              std::chrono::duration<double>(clock::now() - begun).count(), projections,
              projections == 1 ? "" : "s");

  std::atomic<bool> over{false};
  std::chrono::milliseconds own_word{0};
  const auto last_look = clock::now() + load_time + 1min;
  std::thread eye([&] {
    for (int ticks = 0; !over || (probe.unseen() > 0 && clock::now() < last_look); ++ticks) {
      if (!over && !probe.full() && ticks % between_probes == 0) probe.send();
      probe.look();
      if (ticks % 100 == 0)
        for (const auto& one : all) own_word = std::max(own_word, one->status().lag);
      std::this_thread::sleep_for(tick);
    }
  });
  before = busy_seconds();
  const auto half = open_loop(*bank, how, full.per_second / 2);
  const auto busy = busy_seconds() - before;
  over = true;
  eye.join();

  auto& lags = probe.lags_ms();
  const auto most = lags.empty() ? 0 : std::ranges::max(lags);
  const auto count = lags.size();
  const auto seen = summarize(lags, 1, 0);
  std::printf(
      "half rate %9.0f durable commands/s for %lld s, p50 %.2f ms, p99 %.2f ms; %llu failed (%.2f us of "
      "processor a command)\n",
      half.per_second, static_cast<long long>(load_time.count()), half.p50_ms, half.p99_ms,
      static_cast<unsigned long long>(half.refused),
      busy * 1e6 / (half.per_second * std::chrono::duration<double>(load_time).count()));
  std::printf("  from the answer to the row: p50 %.1f ms, p99 %.1f ms, at most %.1f ms (%zu probes)\n",
              seen.p50_ms, seen.p99_ms, most, count);
  std::printf("  status() said a lag of %lld ms at most\n", static_cast<long long>(own_word.count()));
  if (probe.unseen() > 0) return std::fprintf(stderr, "%zu probes were never seen\n", probe.unseen()), 1;
  return half.refused == 0 ? 0 : 1;
}

}  // namespace bench
