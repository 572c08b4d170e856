/// A bank on one screen: `bank [DIRECTORY [JOURNAL]]`. Run it twice: the second time the money is still there.
#include <quipu/runtime.hpp>

#include <cstdio>
#include <string>

#include "bank_domain.hpp"

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
  auto rt = quipu::runtime::open(samples::bank_domain(), {.directory = argc > 1 ? argv[1] : "bank-data",
                                                          .journal = argc > 2 ? argv[2] : "lmdb:"});
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

  return rt->close().complete() ? 0 : 1;
}
