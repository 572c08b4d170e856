// A reader that reads without pause while both projections are rebuilt and promoted, and the bank goes on: it never sees
// an empty, mixed or backward state.
#include "replay_fixture.hpp"

#include <atomic>
#include <thread>

namespace quipu::test {
namespace {

class read_without_pause : public replay_fixture {};

TEST_F(read_without_pause, rebuilds_and_promotions_are_one_step) {
  open_embedded();
  // Money moves in circles within a record, so its sum stays; account a0 only grows by one a record, and is a clock.
  constexpr std::int64_t accounts = 8;
  const auto move = [&](int i) {
    const auto one = "a" + std::to_string(1 + i % (accounts - 1));
    const auto other = "a" + std::to_string(1 + (i + 3) % (accounts - 1));
    return writer_->append({{"a0", {written_event::of(bank::DepositedT{.amount = 1})}},
                            {one, {written_event::of(bank::DepositedT{.amount = 10})}},
                            {other, {written_event::of(bank::WithdrawnT{.amount = 10})}}});
  };
  for (int i = 0; i < accounts; ++i) writer_->append("a" + std::to_string(i), bank::OpenedT{.owner = "o"});
  for (int i = 0; i < 200; ++i) last_ = move(i);
  const auto b = follow<samples::balances>();
  const auto s = follow<samples::statement>();
  wait_for(*b, last_);
  wait_for(*s, last_);

  std::atomic<bool> over = false;
  std::atomic<int> reads = 0;
  std::string wrong;
  std::thread reader([&] {
    std::int64_t clock = 0;
    std::size_t lines = 0;
    while (!over && wrong.empty()) {
      models_
          ->read<samples::balances>([&](const samples::balances::tables& t) {
            std::int64_t sum = 0;
            std::int64_t count = 0;
            std::int64_t now = 0;
            t.scan<samples::balances::accounts>([&](const std::string& key, const bank::BalanceRowT& row) {
              ++count;
              (key == "a0" ? now : sum) += row.amount;
            });
            if (count != accounts) wrong = "balances of " + std::to_string(count) + " accounts";
            if (sum != 0) wrong = "a mixed state: the sum is " + std::to_string(sum);
            if (now < clock)
              wrong = "balances went back from " + std::to_string(clock) + " to " + std::to_string(now);
            clock = now;
          })
          .value();
      models_
          ->read<samples::statement>([&](const samples::statement::tables& t) {
            std::size_t now = 0;
            t.scan<samples::statement::lines>([&](const quipu::event_key& key, const bank::StatementRowT&) {
              now += key.key == "a0" ? 1 : 0;
            });
            if (now < lines)
              wrong = "the statement went back from " + std::to_string(lines) + " to " + std::to_string(now);
            lines = now;
          })
          .value();
      ++reads;
    }
  });
  for (int round = 0; round < 4; ++round) {
    process work(replaying({"--all", "--promote", "--keep", "0", "--transaction", "50"}));
    for (int i = 0; work.running(); ++i) move(i);
    const auto done = work.wait();
    EXPECT_EQ(done.code, 0) << done.err;
  }
  over = true;
  reader.join();
  EXPECT_EQ(wrong, "");
  EXPECT_GT(reads, 4);
  EXPECT_EQ(models_->live("balances").value(), 5U);
  EXPECT_EQ(models_->live("statement").value(), 5U);
}

}  // namespace
}  // namespace quipu::test
