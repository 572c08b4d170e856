// A bank killed with SIGKILL at moments of chance, transfers under way: each is credited once or refunded once.
// QUIPU_KILLS says how often it is killed.
#include "killed_suite.hpp"

#include <quipu/journal/open.hpp>

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "bank_domain.hpp"
#include "support/seed.hpp"

namespace quipu::test {

using samples::account;

int killed_bank::kills() {
  const char* given = std::getenv("QUIPU_KILLS");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  return given != nullptr ? std::atoi(given) : GetParam().kills;
}

runtime killed_bank::open_bank() {
  options how{.directory = directory_ / "node", .journal = url_, .partitions = 4};
  how.log.level = log_level::off;
  auto opened = runtime::open(samples::bank_domain(), how);
  if (!opened) throw std::runtime_error(opened.error().text);
  return std::move(*opened);
}

void killed_bank::open_accounts() {
  auto rt = open_bank();
  for (int i = 0; i < 12; ++i) {
    const auto key = "a" + std::to_string(i);
    ASSERT_TRUE(rt.ask<account>(key, bank::OpenT{.owner = key}).get());
    ASSERT_TRUE(rt.ask<account>(key, bank::DepositT{.amount = 1'000}).get());
  }
}

process killed_bank::start(const char* what, std::uint64_t seed) {
  return process({QUIPU_REACTION_WORKER, (directory_ / "node").string(), url_, what, std::to_string(seed)});
}

void killed_bank::check() {
  auto journal = journal::open(url_, {.mode = journal::access::read, .node_directory = directory_ / "node"});
  ASSERT_TRUE(journal) << journal.error().text;
  books_.read(**journal);
  ASSERT_EQ(books_.wrong(), std::vector<std::string>{});
}

namespace {

TEST_P(killed_bank, every_transfer_is_credited_once_or_refunded_once) {
  auto random = random_source();
  const auto moment = [&](std::uint64_t most_us) {
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::microseconds(between(random, 0, most_us));
    while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
  };
  open_accounts();
  std::uint64_t under_way = 0;
  for (int i = 0; i < kills(); ++i) {
    process worker = start("load", between(random, 1, 1'000'000));
    // One in four is killed while it opens.
    if (between(random, 0, 3) != 0) {
      ASSERT_EQ(worker.read_line(), "ready") << worker.wait().err;
      moment(120'000);
    } else {
      moment(40'000);
    }
    worker.signal(SIGKILL);
    worker.wait();
    check();
    if (HasFatalFailure()) return;
    under_way += books_.on_their_way();
  }
  EXPECT_GT(under_way, 0U) << "never was a transfer under way when it was killed";
  process worker = start("finish", 0);
  ASSERT_EQ(worker.read_line(), "ready") << worker.wait().err;
  ASSERT_EQ(worker.read_line(), "done") << worker.wait().err;
  ASSERT_EQ(worker.wait().code, 0);
  check();
  EXPECT_EQ(books_.on_their_way(), 0U);
  EXPECT_GT(books_.credited(), 0U);
  EXPECT_GT(books_.refunded(), 0U);
  auto rt = open_bank();
  for (const auto& [key, amount] : books_.balances()) {
    const auto now = rt.read<account>(key).get();
    ASSERT_TRUE(now);
    EXPECT_EQ((*now)->balance, amount) << key;
  }
  std::printf("%d kills, %llu transfers, %llu of them refunded, %.1f under way when it was killed\n", kills(),
              static_cast<unsigned long long>(books_.sent()),
              static_cast<unsigned long long>(books_.refunded()),
              static_cast<double>(under_way) / std::max(1, kills()));
}

}  // namespace
}  // namespace quipu::test
