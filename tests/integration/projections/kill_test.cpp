// A projector killed with SIGKILL at moments of chance: its rows equal those of an undisturbed run, byte for byte.
// QUIPU_KILLS says how often.
#include "projector_fixture.hpp"

#include <signal.h>

#include <cstdlib>

#include "support/process.hpp"
#include "support/seed.hpp"

namespace quipu::test {
namespace {

class killed : public projector_fixture {};

int kills() {
  const char* given = std::getenv("QUIPU_KILLS");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  return given != nullptr ? std::atoi(given) : 8;
}

TEST_F(killed, rows_are_those_of_an_undisturbed_run) {
  auto random = random_source();
  open_journal("lmdb:" + (directory_ / "j").string());
  position last;
  for (int record = 0; record < 60; ++record) {
    std::vector<written_commit> commits;
    for (int i = 0; i < 40; ++i) {
      const auto account = between(random, 0, 19) * 4 + static_cast<std::uint64_t>(record % 4);
      const auto amount = static_cast<std::int64_t>(between(random, 1, 1000));
      commits.push_back({"a" + std::to_string(account),
                         {written_event::of(bank::OpenedT{.owner = "o" + std::to_string(amount % 7)}),
                          written_event::of(bank::DepositedT{.amount = amount})}});
    }
    last = writer_->append(std::move(commits));
    if (record % 10 == 0) writer_->append_copy_of_last();
  }
  writer_.reset();
  journal_.reset();

  // It writes small transactions and is killed somewhere in the time that an undisturbed run takes.
  const auto directory = directory_.path().string();
  int unfinished = 0;
  auto longest = 5'000us;
  for (int i = 0; i < kills(); ++i) {
    process worker({QUIPU_PROJECTION_WORKER, directory, "50"});
    ASSERT_EQ(worker.read_line(), "following") << worker.wait().err;
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::microseconds(between(random, 0, longest.count()));
    while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
    worker.signal(SIGKILL);
    unfinished += worker.wait().out.empty() ? 1 : 0;
  }
  EXPECT_GT(unfinished, 0) << "every run was done before it was killed";
  process worker({QUIPU_PROJECTION_WORKER, directory, "50"});
  ASSERT_EQ(worker.read_line(), "following");
  ASSERT_EQ(worker.read_line(), "caught up");
  worker.close_input();
  ASSERT_EQ(worker.wait().code, 0);

  open_journal("lmdb:" + (directory_ / "j").string());
  read_models undisturbed(directory_ / "undisturbed");
  {
    const auto b = std::move(undisturbed.follow<samples::balances>(*journal_).value());
    const auto s = std::move(undisturbed.follow<samples::statement>(*journal_).value());
    wait_for(*b, last);
    wait_for(*s, last);
  }
  for (const auto* what :
       {&projection_type_of<samples::balances>(), &projection_type_of<samples::statement>()})
    EXPECT_EQ(dump(*models_, *what), dump(undisturbed, *what)) << what->name;
}

}  // namespace
}  // namespace quipu::test
