#include "bench.hpp"

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
  CLI::App app{"Measures Quipu on the bank sample, beside a bare program that does only the inevitable."};
  app.require_subcommand(1);
  app.fallthrough();
  bench::setting how;
  app.add_option("--directory", how.directory, "where the bank lies; emptied first")->capture_default_str();
  app.add_option("--journal", how.journal,
                 "journal URL: lmdb: (in the directory), nats://HOST:PORT/NAME (a NAME that is not used yet)")
      ->capture_default_str();
  app.add_option("--partitions", how.partitions)->capture_default_str();
  app.add_option("--threads", how.threads, "0: one a core")->capture_default_str();
  const auto accounts = app.add_option("--accounts", how.accounts)->capture_default_str();
  const auto commands = app.add_option("--commands", how.commands)->capture_default_str();
  app.add_option("--outstanding", how.outstanding, "commands on their way at once")->capture_default_str();
  const auto together =
      app.add_option("--together", how.together, "commands handed over at once")->capture_default_str();
  const auto resident = app.add_option("--resident", how.resident, "entities in memory; 0: the default");
  app.add_option("--recovery-target", how.recovery_target_ms, "milliseconds")->capture_default_str();
  app.add_option("--rounds", how.rounds, "pairs")->capture_default_str();

  int code = 0;
  app.add_subcommand("commands", "durable commands a second, beside the skeleton (lmdb: only)")
      ->callback([&] { code = bench::commands(how); });
  app.add_subcommand(
         "recovery",
         "kill a bank of 100 000 accounts and 1 000 000 events; what it replays, and how long that takes")
      ->callback([&] {
        if (accounts->empty()) how.accounts = 100'000;
        if (commands->empty()) how.commands = 900'000;
        how.commands -= how.commands % how.accounts;
        code = bench::recovery(how);
      });
  app.add_subcommand("replay", "read a journal from its first record; it is filled first where there is none")
      ->callback([&] { code = bench::replay(how); });
  app.add_subcommand(
         "evolve",
         "evolve on the unpacked object and on the stored table: replay of 1 000 000 events (lmdb:)")
      ->callback([&] { code = bench::evolve(how); });
  app.add_subcommand("projection",
                     "rebuild balances and statement from 2 000 000 events, beside a bare LMDB program")
      ->callback([&] {
        if (accounts->empty()) how.accounts = 100'000;
        if (commands->empty()) how.commands = 1'900'000;
        how.commands -= how.commands % how.accounts;
        code = bench::projection(how);
      });
  std::uint32_t projections = 1;
  auto* const lag =
      app.add_subcommand("lag", "how far balances are behind the bank at half of its full rate, for 20 s");
  lag->add_option("--projections", projections, "so many follow at once")->capture_default_str();
  lag->callback([&] { code = bench::lag(how, projections); });
  app.add_subcommand("reaction",
                     "100 000 transfers through the reaction, beside a client that asks for both halves")
      ->callback([&] {
        if (commands->empty()) how.commands = 100'000;
        code = bench::reaction(how);
      });
  std::string program;
  auto* const inspect =
      app.add_subcommand("inspect", "look into a journal of 2 000 000 events with the program quipu");
  inspect->add_option("--program", program, "the program; else the one that was built with this one");
  inspect->callback([&] {
    if (accounts->empty()) how.accounts = 100'000;
    if (commands->empty()) how.commands = 1'900'000;
    if (together->empty()) how.together = 64;
    code = bench::inspect(how, program);
  });
  app.add_subcommand("residency", "1 000 000 accounts, 50 000 in memory")->callback([&] {
    if (accounts->empty()) how.accounts = 1'000'000;
    if (commands->empty()) how.commands = 1'000'000;
    how.commands -= how.commands % how.accounts;
    if (resident->empty()) how.resident = 50'000;
    code = bench::residency(how);
  });
  CLI11_PARSE(app, argc, argv);
  return code;
}
