/// A bank on one screen: `bank [DIRECTORY [JOURNAL]]`. Run it twice: the second time the money is still there.
#include <quipu/reactions/reactor.hpp>
#include <quipu/runtime.hpp>

#include <chrono>
#include <cstdio>
#include <string>

#include "bank_domain.hpp"
#include "transfers.hpp"

namespace {

using samples::account;

/// What Ada is told: a balance, the bank's "no", or why there is no answer.
void print(const char* what, const quipu::result<quipu::answer<bank::BalanceT>>& said) {
  if (!said)
    std::printf("%-12s error: %s\n", what, said.error().text.c_str());
  else if (!said->accepted())
    std::printf("%-12s rejected: %s\n", what, said->rejected().code.c_str());
  else
    std::printf("%-12s balance %lld after event %llu%s\n", what, static_cast<long long>((*said)->amount),
                static_cast<unsigned long long>(said->sequence), said->repeat ? " (asked before)" : "");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string directory = argc > 1 ? argv[1] : "bank-data";
  auto rt = quipu::runtime::open(samples::bank_domain(),
                                 {.directory = directory, .journal = argc > 2 ? argv[2] : "lmdb:"});
  if (!rt) {
    std::fprintf(stderr, "bank: %s\n", describe(rt.error()).c_str());
    return 3;
  }

  print("open", rt->ask<account>("ada", bank::OpenT{.owner = "Ada"}).get());
  print("deposit 100", rt->ask<account>("ada", bank::DepositT{.amount = 100}).get());
  print("withdraw 500", rt->ask<account>("ada", bank::WithdrawT{.amount = 500}).get());

  // A command with an id may be sent as often as one likes: it takes effect once.
  const auto id = quipu::runtime::new_command_id();
  print("withdraw 30", rt->ask<account>("ada", bank::WithdrawT{.amount = 30}, {.command = id}).get());
  print("again", rt->ask<account>("ada", bank::WithdrawT{.amount = 30}, {.command = id}).get());

  // Between accounts money goes by a reaction: Bob is credited for what Ada sent, or she has it back.
  quipu::read_models models(directory);
  auto transfers = quipu::react<samples::transfers>(models, *rt);
  if (!transfers) {
    std::fprintf(stderr, "bank: %s\n", describe(transfers.error()).c_str());
    return 3;
  }
  print("open", rt->ask<account>("bob", bank::OpenT{.owner = "Bob"}).get());
  for (const char* to : {"bob", "nobody"}) {
    const auto sent = rt->ask<account>("ada", bank::TransferT{.to = to, .amount = 20}).get();
    print("send 20", sent);
    if (sent && !(*transfers)->wait_for(sent->position, std::chrono::seconds(10))) return 1;
  }
  for (const char* whose : {"ada", "bob"}) {
    const auto now = rt->read<account>(whose).get();
    if (now && now->accepted())
      std::printf("%-12s has %lld\n", whose, static_cast<long long>((*now)->balance));
  }
  transfers->reset();

  return rt->close().complete() ? 0 : 1;
}
