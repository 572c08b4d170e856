/// Load on a bank with a fault every few seconds, for as long as you like:
///   quipu_soak [--seconds N] [--every N] [--rate N] [--cluster]
/// Exit codes: 0 all was true, 1 something was not, 2 wrong usage, 3 no such nats-server here.
/// QUIPU_SOAK_MINUTES in the environment replaces --seconds, and brings a fault every ten seconds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "books.hpp"
#include "customers.hpp"
#include "faults.hpp"
#include "follower.hpp"
#include "memory_use.hpp"
#include "site.hpp"
#include "support/seed.hpp"
#include "support/waiting.hpp"

namespace quipu::test::soak {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct soak_options {
  std::chrono::seconds duration{40};
  std::chrono::seconds every{4};
  std::uint32_t rate = 5'000;
  bool cluster = false;
};

constexpr std::uint32_t partitions = 16;
constexpr std::chrono::seconds longest_recovery{60};

double seconds(auto span) { return std::chrono::duration<double>(span).count(); }

/// What the faults did.
struct tally {
  struct of_kind {
    std::uint64_t count = 0;
    std::chrono::milliseconds longest{0};  ///< the fault
    recovery_times slowest;
  };
  std::array<of_kind, fault_kinds> kinds;

  void add(fault which, std::chrono::milliseconds took, const recovery_times& back) {
    auto& of = kinds[static_cast<std::size_t>(which)];
    ++of.count;
    of.longest = std::max(of.longest, took);
    of.slowest.first = std::max(of.slowest.first, back.first);
    of.slowest.slowest = std::max(of.slowest.slowest, back.slowest);
  }
  void print() const {
    std::printf("\n%-18s %6s %14s %24s %28s\n", "fault", "times", "longest", "to the first new answer",
                "to that of all partitions");
    for (std::size_t i = 0; i < fault_kinds; ++i) {
      const auto& of = kinds[i];
      std::printf("%-18s %6llu %12.1f s %21lld ms %25lld ms\n",
                  std::string(name_of(static_cast<fault>(i))).c_str(),
                  static_cast<unsigned long long>(of.count), seconds(of.longest),
                  static_cast<long long>(of.slowest.first.count()),
                  static_cast<long long>(of.slowest.slowest.count()));
    }
  }
};

/// One run. Everything that is wrong goes into the books.
class run {
 public:
  explicit run(const soak_options& how)
      : how_(how),
        site_(how.cluster),
        books_(accounts),
        customers_(books_, random_source(1),
                   {.accounts = accounts, .partitions = partitions, .rate = how.rate}),
        patient_(site_, customers_, partitions, how.every * 7 / 10),
        random_(random_source(2)),
        plan_(random_) {}

  int go() {
    if (const auto opened = patient_.open(); !opened) {
      books_.find(opened.error());
      return report();
    }
    began_ = clock::now();
    memory_.emplace(how_.duration);
    std::optional<follower> reader(
        std::in_place, site_.direct_url(patient::journal),
        journal_fold(
            accounts,
            [this](const effect& what, const account_state& after) { books_.committed(what, after); },
            [this](std::string what) { books_.find(std::move(what)); }),
        [this](std::string what) { books_.find(std::move(what)); });
    cause_faults();
    customers_.stop_inventing();
    if (!customers_.wait_until_told(longest_recovery)) books_.find("some were never told what they asked");
    wait_until([&] { return books_.settled(); });  // what is not settled then is a finding
    memory_->stop();
    reader.reset();
    patient_.close(10s);
    books_.close();
    read_again();
    return report();
  }

 private:
  static constexpr std::uint32_t accounts = 1'000;

  void cause_faults() {
    for (auto next = began_ + how_.every; next < began_ + how_.duration; next += how_.every) {
      if (clock::now() > next) continue;  // the last one took longer
      std::this_thread::sleep_until(next);
      const auto which = plan_.next();
      const auto at = seconds(clock::now() - began_);
      const auto took = patient_.suffer(which, random_);
      if (!took) return books_.find(std::string(name_of(which)) + ": " + took.error());
      const auto back = customers_.wait_for_recovery(longest_recovery);
      if (!back)
        return books_.find(std::string(name_of(which)) + ": the bank did not come back within a minute");
      tally_.add(which, *took, *back);
      std::printf("%7.1f s  %-17s %5.1f s, first new answer after %5lld ms, all partitions after %5lld ms\n",
                  at, std::string(name_of(which)).c_str(), seconds(*took),
                  static_cast<long long>(back->first.count()), static_cast<long long>(back->slowest.count()));
      std::fflush(stdout);
      if (!books_.wrong().empty()) return;
    }
    std::this_thread::sleep_until(began_ + how_.duration);
  }

  // What the follower saw is there still, and nothing else.
  void read_again() {
    digest all;
    journal_fold fold(
        accounts, [&](const effect& what, const account_state&) { all.add(what); },
        [this](std::string what) { books_.find("at the end: " + what); });
    read_all(site_.direct_url(patient::journal), fold,
             [this](std::string what) { books_.find(std::move(what)); });
    events_ = all.count();
    if (!(all == books_.told()))
      books_.find("the journal has " + std::to_string(all.count()) + " commands at the end; " +
                  std::to_string(books_.told().count()) + " were accepted" +
                  (all.count() == books_.told().count() ? ", and they are not the same" : ""));
  }

  int report() {
    const auto figures = books_.figures();
    tally_.print();
    std::printf(
        "\n%.0f s on %s: %llu commands accepted, %llu rejected; %llu repeats told the same; %llu times "
        "nobody could "
        "say, %llu times not done\n%llu events in the journal, read as they came and again at the end; at "
        "most %zu "
        "commands in the books at once\n",
        seconds(clock::now() - began_), how_.cluster ? "a cluster of three" : "one server",
        static_cast<unsigned long long>(figures.accepted), static_cast<unsigned long long>(figures.rejected),
        static_cast<unsigned long long>(figures.repeats), static_cast<unsigned long long>(figures.unknown),
        static_cast<unsigned long long>(figures.not_done), static_cast<unsigned long long>(events_),
        figures.most_open);
    if (memory_) {
      std::printf("%s\n", memory_->in_words().c_str());
      if (how_.duration >= 5min && !memory_->is_flat()) books_.find("memory grows");
    }
    const auto wrong = books_.wrong();
    for (const auto& one : wrong) std::printf("wrong: %s\n", one.c_str());
    std::printf("%s\n", wrong.empty() ? "no gap, no duplicate, everything that was told is true" : "FAILED");
    return wrong.empty() ? 0 : 1;
  }

  const soak_options how_;
  soak::site site_;
  soak::books books_;
  customers customers_;
  patient patient_;
  std::mt19937_64 random_;
  fault_plan plan_;
  tally tally_;
  clock::time_point began_;
  std::optional<memory_use> memory_;
  std::uint64_t events_ = 0;
};

bool take_arguments(int argc, char** argv, soak_options& how) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--cluster") {
      how.cluster = true;
      continue;
    }
    if (++i == argc) return false;
    const auto value = std::strtoul(argv[i], nullptr, 10);
    if (value == 0) return false;
    if (name == "--seconds")
      how.duration = std::chrono::seconds(value);
    else if (name == "--every")
      how.every = std::chrono::seconds(value);
    else if (name == "--rate")
      how.rate = static_cast<std::uint32_t>(value);
    else
      return false;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it meanwhile
  if (const char* minutes = std::getenv("QUIPU_SOAK_MINUTES"); minutes != nullptr) {
    how.duration = std::chrono::minutes(std::max(1UL, std::strtoul(minutes, nullptr, 10)));
    how.every = 10s;
  }
  return true;
}

}  // namespace
}  // namespace quipu::test::soak

int main(int argc, char** argv) {
  quipu::test::soak::soak_options how;
  if (!quipu::test::soak::take_arguments(argc, argv, how)) {
    std::fprintf(stderr, "usage: quipu_soak [--seconds N] [--every N] [--rate N] [--cluster]; QUIPU_SEED\n");
    return 2;
  }
  const auto build = how.cluster ? quipu::test::nats_build::sid : quipu::test::nats_build::trixie;
  if (const auto found = quipu::test::find_nats_build(build); !found.program) {
    std::printf("skipped: %s\n", found.reason.c_str());
    return 3;
  }
  try {
    quipu::test::soak::run soak(how);
    return soak.go();
  } catch (const std::exception& trouble) {
    std::printf("FAILED: %s\n", trouble.what());
    return 1;
  }
}
