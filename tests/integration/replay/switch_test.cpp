// A program that keeps the projections goes on with what `quipu replay` promotes beside it. This process reads.
#include "replay_fixture.hpp"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "support/seed.hpp"
#include "support/waiting.hpp"

namespace quipu::test {
namespace {

class switched : public replay_fixture {
 protected:
  using clock = std::chrono::steady_clock;

  void SetUp() override {
    open_embedded();
    fill(20);
    total_ = 1;  // of a0
  }
  arguments keeping() const {
    return {QUIPU_PROJECTION_WORKER, "follow", directory_.path().string(), url_, "1000"};
  }
  void deposit() {
    last_ = writer_->append("a0", bank::DepositedT{.amount = 1});
    ++total_;
  }
  std::size_t lines() {
    return models_
        ->read<samples::statement>([](const samples::statement::tables& t) {
          std::size_t count = 0;
          t.scan<samples::statement::lines>([&](const quipu::event_key& key, const bank::StatementRowT&) {
            count += key.key == "a0" ? 1 : 0;
          });
          return count;
        })
        .value();
  }
  /// How long it takes until readers see all that was written.
  clock::duration seen_after() {
    const auto begun = clock::now();
    const auto all = [&] {
      return balance("a0")->amount == total_ && lines() == static_cast<std::size_t>(total_) + 1;
    };
    wait_until(all, patience, 1ms);
    EXPECT_EQ(balance("a0")->amount, total_);
    EXPECT_EQ(lines(), static_cast<std::size_t>(total_) + 1);
    return clock::now() - begun;
  }
  std::int64_t total_ = 0;
};

TEST_F(switched, rows_go_on_after_each_promotion_and_after_the_way_back) {
  process keeper(keeping());
  ASSERT_EQ(keeper.read_line(), "following");
  ASSERT_EQ(keeper.read_line(), "caught up");
  std::atomic<bool> over = false;
  std::string wrong;
  std::thread reader([&] {
    for (std::int64_t seen = 1; !over && wrong.empty();) {
      const auto now = balance("a0")->amount;
      if (now < seen) wrong = "from " + std::to_string(seen) + " back to " + std::to_string(now);
      seen = now;
    }
  });
  auto least = clock::duration::max();
  for (int round = 0; round < 3; ++round) {
    process work(replaying({"--all", "--promote"}));
    while (work.running()) deposit();
    const auto done = work.wait();
    EXPECT_EQ(done.code, 0) << done.err;
    deposit();
    least = std::min(least, seen_after());
  }
  EXPECT_LT(least, 1s);
  RecordProperty("milliseconds", static_cast<int>(least / 1ms));
  EXPECT_EQ(models_->live("balances").value(), 4U);
  const auto back = projection(
      {"promote", "balances", "--generation", "3", "--module", QUIPU_BANK_MODULE, "--journal", url_});
  EXPECT_EQ(back.code, 0) << back.err;
  deposit();
  seen_after();
  EXPECT_EQ(models_->live("balances").value(), 3U);
  over = true;
  reader.join();
  EXPECT_EQ(wrong, "");
  keeper.close_input();
  EXPECT_EQ(keeper.wait().code, 0);
  expect_rows_of_an_undisturbed_run();
}

TEST_F(switched, killed_on_the_way_it_goes_on_where_it_was) {
  auto random = random_source();
  std::chrono::microseconds longest = 300ms;
  for (int i = 0; i < 8 && !HasFailure(); ++i) {
    process keeper(keeping());
    ASSERT_EQ(keeper.read_line(), "following") << keeper.wait().err;
    const auto begun = clock::now();
    process work(replaying({"--all", "--promote", "--keep", "0"}));
    const auto until =
        begun + std::chrono::microseconds(between(random, 0, static_cast<std::uint64_t>(longest.count())));
    while (clock::now() < until) deposit();
    keeper.signal(SIGKILL);
    EXPECT_EQ(keeper.wait().signal, SIGKILL);
    const auto done = work.wait();
    EXPECT_EQ(done.code, 0) << done.err;
    longest = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - begun) + 100ms;
  }
  process keeper(keeping());
  ASSERT_EQ(keeper.read_line(), "following");
  ASSERT_EQ(keeper.read_line(), "caught up");
  deposit();
  seen_after();
  keeper.close_input();
  EXPECT_EQ(keeper.wait().code, 0);
  expect_rows_of_an_undisturbed_run();
}

}  // namespace
}  // namespace quipu::test
