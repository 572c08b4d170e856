// A rebuild and a promotion killed with SIGKILL at moments of chance: readers never see anything but whole rows, and in the
// end those of an undisturbed run, byte for byte. QUIPU_KILLS says how often, each.
#include "replay_fixture.hpp"

#include <signal.h>

#include <cstdlib>

#include "support/seed.hpp"

namespace quipu::test {
namespace {

int kills() {
  const char* given = std::getenv("QUIPU_KILLS");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  return given != nullptr ? std::atoi(given) : 100;
}

class killed_replay : public replay_fixture {
 protected:
  void SetUp() override {
    open_embedded();
    for (int record = 0; record < 30; ++record) {
      std::vector<written_commit> commits;
      for (int i = 0; i < 20; ++i) {
        const auto key =
            "a" + std::to_string(between(random_, 0, 9) * 4 + static_cast<std::uint64_t>(record % 4));
        commits.push_back({key,
                           {written_event::of(bank::OpenedT{.owner = "o" + std::to_string(i % 7)}),
                            written_event::of(bank::DepositedT{.amount = 1 + i})}});
      }
      last_ = writer_->append(std::move(commits));
      if (record % 10 == 0) last_ = writer_->append_copy_of_last();
    }
    follow_once();
    expected_ = rows();
  }
  std::vector<stored_rows> rows() {
    std::vector<stored_rows> all;
    for (const auto* what : both) all.push_back(dump(*models_, *what));
    return all;
  }
  /// Starts it and kills it somewhere in the time that a whole run takes. Whether it was killed before its end.
  bool kill_somewhere(const arguments& words) {
    process work(replaying(words));
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::microseconds(between(random_, 0, longest_.count()));
    while (std::chrono::steady_clock::now() < until && work.running()) std::this_thread::yield();
    work.signal(SIGKILL);
    return work.wait().signal == SIGKILL;
  }
  void finish(const arguments& words) {
    const auto begun = std::chrono::steady_clock::now();
    const auto done = replay(words);
    ASSERT_EQ(done.code, 0) << done.err;
    longest_ =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
  }

  std::mt19937_64 random_ = random_source();
  std::chrono::microseconds longest_{50'000};
  std::vector<stored_rows> expected_;
};

TEST_F(killed_replay, a_rebuild_goes_on) {
  const arguments words{"--all", "--transaction", "100"};
  int unfinished = 0;
  for (int i = 0; i < kills() && !HasFailure(); ++i) {
    unfinished += kill_somewhere(words) ? 1 : 0;
    EXPECT_EQ(rows(), expected_) << "readers, after the kill";
    finish({"--all", "--promote", "--keep", "0"});
    EXPECT_EQ(rows(), expected_) << "the rebuild, gone on with";
  }
  EXPECT_GT(unfinished, 0) << "every run was done before it was killed";
}

TEST_F(killed_replay, a_promotion_is_done_or_not) {
  const arguments words{"--all", "--promote", "--keep", "0"};
  int unfinished = 0;
  for (int i = 0; i < kills() && !HasFailure(); ++i) {
    ASSERT_EQ(replay({"--all"}).code, 0);
    unfinished += kill_somewhere(words) ? 1 : 0;
    EXPECT_EQ(rows(), expected_) << "after the kill";
    if (i % 4 == 0) {
      finish(words);
      EXPECT_EQ(rows(), expected_) << "promoted at last";
    }
  }
  EXPECT_GT(unfinished, 0) << "every run was done before it was killed";
  models_ = std::make_unique<read_models>(directory_.path());  // what it has open would stay
  finish(words);
  EXPECT_EQ(models_->generations("balances").value().size(), 1U);
}

}  // namespace
}  // namespace quipu::test
