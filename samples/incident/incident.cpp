/// The bank on the day of the incident: `incident DIRECTORY` makes its journal there, its wrong balances and a dead letter.
#include <quipu/reactions/reactor.hpp>
#include <quipu/runtime.hpp>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "deposit_sizes.hpp"
#include "first_balances.hpp"
#include "transfers.hpp"

namespace {

using samples::account;
using first_sizes = samples::deposit_sizes<2>;
using namespace std::chrono_literals;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || std::filesystem::exists(argv[1])) {
    std::fprintf(stderr, "usage: incident DIRECTORY, one that is not there yet\n");
    return 2;
  }
  const std::string directory = argv[1];
  auto opened = quipu::runtime::open(quipu::domain{"bank", quipu::entities<account>},
                                     {.directory = directory, .journal = "lmdb:"});
  if (!opened) {
    std::fprintf(stderr, "incident: %s\n", describe(opened.error()).c_str());
    return 3;
  }
  auto& rt = *opened;
  quipu::read_models models(directory);
  auto balances = models.follow<samples::first_balances>(*rt.journal());
  auto transfers = quipu::react<samples::transfers>(models, rt);
  auto sizes = models.follow<first_sizes>(*rt.journal());
  if (!balances || !transfers || !sizes) {
    const auto why = !balances ? balances.error() : !transfers ? transfers.error() : sizes.error();
    std::fprintf(stderr, "incident: %s\n", describe(why).c_str());
    return 3;
  }

  bool well = true;
  // What follows from a command is done before the next one: the journal has the same events every time.
  const auto ask = [&](const char* who, const auto& what) {
    const auto said = rt.ask<account>(who, what).get();
    well = well && said && said->accepted() && (*transfers)->wait_for(said->position, 10s);
  };
  for (const char* who : {"ada", "bob", "eve"}) ask(who, bank::OpenT{.owner = who});
  ask("ada", bank::DepositT{.amount = 100});
  ask("bob", bank::DepositT{.amount = 250});
  ask("ada", bank::TransferT{.to = "bob", .amount = 30});
  ask("eve", bank::DepositT{.amount = 10});
  ask("ada", bank::TransferT{.to = "carol", .amount = 40});  // who has no account
  ask("bob", bank::WithdrawT{.amount = 80});

  const auto end = rt.journal()->summarize();
  well = well && end && (*balances)->wait_for(quipu::position::of(end->last, 0), 10s) &&
         (*sizes)->wait_for(quipu::position::of(end->last, 0), 10s);
  const auto shown = models.read<samples::first_balances>(
      [](const samples::balances::tables& t) { return t.get<samples::balances::accounts>("ada"); });
  const auto has = rt.read<account>("ada").get();
  if (!well || !shown || !*shown || !has || !has->accepted()) {
    std::fprintf(stderr, "incident: the day did not go as it should\n");
    return 1;
  }
  std::printf("ada: the page of balances shows %lld, the account itself says %lld\n",
              static_cast<long long>((*shown)->amount), static_cast<long long>((*has)->balance));
  transfers->reset();
  balances->reset();
  sizes->reset();
  return rt.close().complete() ? 0 : 1;
}
