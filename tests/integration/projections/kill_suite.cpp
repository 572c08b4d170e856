// A projector killed with SIGKILL at moments of chance: its rows equal those of an undisturbed run, byte for byte.
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "killing.hpp"
#include "support/process.hpp"
#include "support/seed.hpp"

namespace quipu::test {
namespace {

using samples::balances;
using samples::statement;

std::uint64_t wanted_kills(std::uint64_t otherwise) {
  const char* given = std::getenv("QUIPU_KILLS");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

std::vector<stored_rows> rows_in(const std::filesystem::path& directory) {
  read_models models(directory);
  return {dump(models, projection_type_of<balances>()), dump(models, projection_type_of<statement>())};
}

/// Accounts of all partitions, each with some deposits, and records that are copied to a later place.
position write(journal_writer& writer, std::mt19937_64& random) {
  position last;
  for (int record = 0; record < 120; ++record) {
    std::vector<written_commit> commits;
    for (int i = 0; i < 10; ++i) {
      const auto amount = static_cast<std::int64_t>(between(random, 1, 1000));
      commits.push_back(
          {"a" + std::to_string(between(random, 0, 19) * 4 + static_cast<std::uint64_t>(record % 4)),
           {written_event::of(bank::OpenedT{.owner = "o" + std::to_string(amount % 7)}),
            written_event::of(bank::DepositedT{.amount = amount})}});
    }
    last = writer.append(std::move(commits));
    if (record % 10 == 0) last = writer.append_copy_of_last();
  }
  return last;
}

TEST_P(killed, rows_are_those_of_an_undisturbed_run) {
  auto random = random_source();
  const auto last = write(*writer_, random);
  std::vector<stored_rows> undisturbed;
  {
    read_models models(directory_ / "undisturbed");
    wait_for(*std::move(models.follow<balances>(*journal_, quick()).value()), last);
    wait_for(*std::move(models.follow<statement>(*journal_, quick()).value()), last);
  }
  undisturbed = rows_in(directory_ / "undisturbed");

  // Each record is a transaction. A run that has come to the end is looked at, and the next one begins anew.
  const auto directory = directory_ / "killed";
  const auto begin = [&] {
    return std::make_unique<process>(
        std::vector<std::string>{QUIPU_PROJECTION_WORKER, "follow", directory.string(), url_, "1"});
  };
  const auto wanted = wanted_kills(GetParam().kills);
  std::uint64_t kills = 0;
  int ends = 0;
  while (kills < wanted && !HasFailure()) {
    const auto worker = begin();
    // Some die while they open or make the stores.
    if (between(random, 0, 3) != 0) {
      ASSERT_EQ(worker->read_line(), "following") << worker->wait().err;
    }
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::microseconds(between(random, 0, 20'000));
    while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
    worker->signal(SIGKILL);
    if (worker->wait().out.find("caught up") == std::string::npos) {
      ++kills;
      continue;
    }
    ++ends;
    EXPECT_EQ(rows_in(directory), undisturbed);
    std::filesystem::remove_all(directory);
  }
  const auto worker = begin();
  ASSERT_EQ(worker->read_line(), "following") << worker->wait().err;
  ASSERT_EQ(worker->read_line(), "caught up");
  worker->close_input();
  ASSERT_EQ(worker->wait().code, 0);
  EXPECT_EQ(rows_in(directory), undisturbed);
  RecordProperty("runs", ends + 1);
}

}  // namespace
}  // namespace quipu::test
