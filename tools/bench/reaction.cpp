// Transfers between accounts: sent while the reaction credits them, credited after they were all sent, and by a client that
// asks for both halves itself (which loses the second one when it is killed).
#include "load.hpp"
#include "transfers.hpp"

#include <quipu/reactions/reactor.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <semaphore>

namespace bench {
namespace {

using clock = std::chrono::steady_clock;
using samples::account;

/// Sends `count` transfers of 1, each to the next account; the position of the last one. `then(to, release)` after each answer.
template <class F>
quipu::position transfer(quipu::runtime& bank, const setting& how, std::uint64_t count, F&& then) {
  std::counting_semaphore<> room(how.outstanding);
  std::atomic<std::uint64_t> last{0};
  std::atomic<std::uint64_t> failures{0};
  for (std::uint64_t i = 0; i < count; ++i) {
    room.acquire();
    const auto from = account_of(i, how);
    const auto to = account_name((from + 1) % how.accounts);
    bank.ask<account>(account_name(from), bank::TransferT{.to = to, .amount = 1}, {},
                      [&, to, from](auto&& said) {
                        if (!said || !said->accepted()) ++failures;
                        const auto at = said ? said->position.value : 0;
                        for (auto seen = last.load(); seen < at && !last.compare_exchange_weak(seen, at);) {
                        }
                        then(account_name(from), to, [&] { room.release(); });
                      });
  }
  for (std::uint32_t i = 0; i < how.outstanding; ++i) room.acquire();
  if (failures != 0)
    std::fprintf(stderr, "%llu transfers failed\n", static_cast<unsigned long long>(failures));
  return {last};
}

}  // namespace

int reaction(const setting& how) {
  std::filesystem::remove_all(how.directory);
  auto bank = open_bank(how);
  if (!bank || !open_accounts(*bank, how)) return 3;
  const auto rich = static_cast<std::int64_t>(how.commands) * 4 * how.rounds;
  for (std::uint64_t i = 0; i < how.accounts; ++i)
    if (!bank->tell<account>(account_name(i), bank::DepositT{.amount = rich},
                             {.wait_for_room = std::chrono::seconds(10)}))
      return 3;
  quipu::read_models models(how.directory);
  const auto transfers = quipu::react<samples::transfers>(models, *bank);
  if (!transfers) return std::fprintf(stderr, "%s\n", transfers.error().text.c_str()), 3;
  const auto answered = [&](quipu::position at) {
    const auto done = (*transfers)->wait_for(at, std::chrono::minutes(5));
    if (!done) std::fprintf(stderr, "%s\n", done.error().text.c_str());
    return done.has_value();
  };
  const auto count = static_cast<double>(how.commands);
  const auto release = [](const std::string&, const std::string&, auto&& over) { over(); };
  for (int round = 0; round < how.rounds; ++round) {
    auto start = clock::now();
    const auto together = transfer(*bank, how, how.commands, release);
    const double sent = seconds_since(start);
    if (!answered(together)) return 1;
    const double done = seconds_since(start);

    (*transfers)->stop();
    const auto before = transfer(*bank, how, how.commands, release);
    start = clock::now();
    (*transfers)->start();
    if (!answered(before)) return 1;
    const double drained = seconds_since(start);

    (*transfers)->stop();
    start = clock::now();
    const auto by_client =
        transfer(*bank, how, how.commands, [&](const std::string& from, const std::string& to, auto&& over) {
          bank->ask<account>(to, bank::CreditT{.from = from, .amount = 1}, {}, [over](auto&&) { over(); });
        });
    const double client = seconds_since(start);
    (*transfers)->start();
    if (!answered(by_client)) return 1;  // the reaction credits them once more: only the rate counts here
    std::printf(
        "transfers/s: %9.0f end to end under load (%.0f sent/s), %9.0f credited alone; a client that asks "
        "for both: "
        "%9.0f\n",
        count / done, count / sent, count / drained, count / client);
  }
  return 0;
}

}  // namespace bench
