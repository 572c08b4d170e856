/// A bank under load, made to be killed: crash_worker DIRECTORY JOURNAL QUESTIONS SEED COMMANDS
/// Opens, asks again what QUESTIONS (entries in a file) lists, reads every account, sends COMMANDS new
/// commands and closes. Everything is noted on descriptor 3 before it is done and as soon as it was answered.
#include <unistd.h>
#include <quipu/runtime.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <random>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "account.hpp"
#include "entry.hpp"
#include "support/seed.hpp"

namespace quipu::test::crash {
namespace {

using samples::account;

void write_down(const entry& what) {
  if (::write(report_descriptor, &what, sizeof what) != static_cast<ssize_t>(sizeof what)) std::_Exit(9);
}

std::string key_of(std::uint32_t number) { return "acc-" + std::to_string(number); }

template <class R>
std::int64_t value_of(const R& reply) {
  if constexpr (requires { reply.amount; })
    return reply.amount;
  else
    return 0;
}

class client {
 public:
  client(runtime& rt, std::mt19937_64 random) : rt_(&rt), random_(random) {}

  /// Notes the command, sends it, and notes its answer when it comes. Waits while too many are under way.
  void send(entry what) {
    room_.acquire();
    what.note = note::sending;
    write_down(what);
    auto key = key_of(what.account);
    switch (what.verb) {
      case verb::open:
        return ask(std::move(key), bank::OpenT{.owner = "owner " + key}, what);
      case verb::deposit:
        return ask(std::move(key), bank::DepositT{.amount = what.amount}, what);
      case verb::withdraw:
        return ask(std::move(key), bank::WithdrawT{.amount = what.amount}, what);
      case verb::close:
        return ask(std::move(key), bank::CloseT{}, what);
    }
  }

  void send_something() {
    const auto dice = between(random_, 0, 99);
    if (dice < 3)
      if (const auto old = any_answered()) return send(*old);
    const auto what = invent();
    send(what);
    if (dice >= 97) send(what);  // a client that asks twice at once
  }

  void wait_for_all() {
    for (std::ptrdiff_t i = 0; i < most_outstanding; ++i) room_.acquire();
    room_.release(most_outstanding);
  }
  bool refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  template <class C>
  void ask(std::string key, C command, const entry& what) {
    rt_->ask<account>(std::move(key), std::move(command), {.command = what.command()},
                      [this, what](auto&& outcome) { note_answer(what, outcome); });
  }

  template <class R>
  void note_answer(entry what, const result<answer<R>>& outcome) {
    what.note = note::answered;
    if (!outcome) {
      what.said = said::failed;
      what.code = static_cast<std::uint8_t>(outcome.error().kind);
      if (outcome.error().kind == error_kind::not_open) refused_.store(true, std::memory_order_relaxed);
    } else {
      what.sequence = outcome->sequence;
      what.position = outcome->position.value;
      what.repeat = outcome->repeat ? 1 : 0;
      if (outcome->accepted()) {
        what.value = value_of(outcome->value());
        seen_balance_[what.account].store(what.value, std::memory_order_relaxed);
        remember(what);
      } else {
        what.said = said::rejected;
        what.code = code_of(outcome->rejected().code);
      }
    }
    write_down(what);
    room_.release();
  }

  entry invent() {
    entry what;
    what.account =
        static_cast<std::uint32_t>(between(random_, 0, 1) == 0 ? 0 : between(random_, 1, accounts - 1));
    const auto id = runtime::new_command_id();
    what.id_high = id.high;
    what.id_low = id.low;
    const auto dice = between(random_, 0, 99);
    what.amount = static_cast<std::int64_t>(between(random_, 1, 1000));
    if (dice < 10) {
      what.verb = verb::open;
    } else if (dice < 15) {
      what.verb = verb::close;
    } else if (dice < 25) {  // everything, as far as this client knows: accounts get empty and can be closed
      what.verb = verb::withdraw;
      what.amount = seen_balance_[what.account].load(std::memory_order_relaxed);
    } else if (dice < 60) {
      what.verb = verb::withdraw;
    } else {
      what.verb = verb::deposit;
      if (dice >= 97) what.amount = 1 - what.amount;
    }
    return what;
  }

  void remember(const entry& what) {
    const std::scoped_lock lock(guard_);
    answered_[answered_count_++ % answered_.size()] = what;
  }
  std::optional<entry> any_answered() {
    const std::scoped_lock lock(guard_);
    if (answered_count_ == 0) return std::nullopt;
    const auto held = std::min(answered_count_, answered_.size());
    auto old = answered_[between(random_, 0, held - 1)];
    old.said = said::accepted;
    old.repeat = 0;
    return old;
  }

  runtime* rt_;
  std::mt19937_64 random_;
  std::counting_semaphore<most_outstanding> room_{most_outstanding};
  std::array<std::atomic<std::int64_t>, accounts> seen_balance_{};
  std::atomic<bool> refused_{false};
  std::mutex guard_;
  std::array<entry, 16> answered_;
  std::size_t answered_count_ = 0;
};

std::vector<entry> questions_in(const char* path) {
  std::ifstream in(path, std::ios::binary);
  const std::string data((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::vector<entry> questions(data.size() / sizeof(entry));
  std::copy_n(data.data(), questions.size() * sizeof(entry), reinterpret_cast<char*>(questions.data()));
  return questions;
}

/// Every opening with other habits: checkpoints all the time or never, everything in memory or next to
/// nothing.
options habits(const char* directory, const char* journal, std::mt19937_64& random) {
  static constexpr std::array<std::uint32_t, 4> every_events = {0, 1, 4, 25};
  static constexpr std::array<std::uint32_t, 3> resident = {2, 8, 65'536};
  options how;
  how.directory = directory;
  how.journal = journal;
  how.partitions = 3;
  how.threads = static_cast<unsigned>(between(random, 1, 2));
  how.recovery_target = std::chrono::milliseconds(between(random, 0, 1) == 0 ? 1 : 500);
  how.snapshots.every_events = every_events[between(random, 0, every_events.size() - 1)];
  how.entities.resident_per_partition = resident[between(random, 0, resident.size() - 1)];
  return how;
}

void read_accounts(runtime& rt) {
  for (std::uint32_t number = 0; number < accounts; ++number) {
    const auto state = rt.read<account>(key_of(number)).get();
    if (!state) {
      std::fprintf(stderr, "crash_worker: reading account %u: %s\n", number, state.error().text.c_str());
      std::_Exit(5);
    }
    entry what{.note = note::read, .account = number};
    what.said = state->accepted() ? said::accepted : said::rejected;
    what.value = state->accepted() ? state->value().balance : 0;
    what.sequence = state->sequence;
    what.position = state->position.value;
    write_down(what);
  }
}

void close_it(runtime& rt, std::chrono::milliseconds within) {
  write_down({.note = note::closing});
  rt.close(within);
  write_down({.note = note::closed});
}

int run(const char* directory, const char* journal, const char* questions, std::uint64_t seed,
        std::uint64_t commands) {
  std::mt19937_64 random(seed);
  const auto domain = quipu::domain{"bank", quipu::entities<account>};
  auto rt = runtime::open(domain, habits(directory, journal, random));
  if (!rt) {
    std::fprintf(stderr, "crash_worker: %s\n", rt.error().text.c_str());
    return 3;
  }
  const auto recovery = rt->status().recovery;
  write_down({.note = note::opened,
              .value = static_cast<std::int64_t>(recovery.events_replayed),
              .sequence = recovery.snapshots_loaded});
  client bank(*rt, std::mt19937_64(random()));
  for (const auto& question : questions_in(questions)) bank.send(question);
  bank.wait_for_all();
  read_accounts(*rt);

  write_down({.note = note::loading});
  // Without a load there is nobody whose hands it could close under: everything is settled then.
  if (commands == 0 || between(random, 0, 1) == 0) {
    for (std::uint64_t i = 0; i < commands; ++i) bank.send_something();
    bank.wait_for_all();
    close_it(*rt, std::chrono::seconds(10));
    return 0;
  }
  // Closes under the hands of a client that goes on sending.
  std::binary_semaphore enough(0);
  std::thread sender([&] {
    for (std::uint64_t i = 0; !bank.refused(); ++i) {
      if (i == commands) enough.release();
      bank.send_something();
    }
    if (bank.refused()) bank.wait_for_all();
  });
  enough.acquire();
  close_it(*rt, std::chrono::milliseconds(between(random, 0, 50)));
  sender.join();
  return 0;
}

}  // namespace
}  // namespace quipu::test::crash

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr,
                 "usage: crash_worker DIRECTORY JOURNAL QUESTIONS SEED COMMANDS, reports on descriptor 3\n");
    return 2;
  }
  return quipu::test::crash::run(argv[1], argv[2], argv[3], std::strtoull(argv[4], nullptr, 10),
                                 std::strtoull(argv[5], nullptr, 10));
}
