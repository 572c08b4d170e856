// The bank, with transfers under way, from LMDB through JSON lines and a server and back: the same rows, and it goes on.
#include <quipu/reactions/reactor.hpp>
#include <quipu/runtime.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "bank_domain.hpp"
#include "projector_fixture.hpp"
#include "support/nats_server.hpp"
#include "support/process.hpp"
#include "transfers.hpp"

namespace quipu::test {
namespace {

using samples::account;

class copied_bank : public testing::Test {
 protected:
  copied_bank() { server_.start(); }

  runtime open(const std::string& node, const std::string& url) {
    options how;
    how.directory = directory_ / node;
    how.journal = url;
    how.partitions = 4;
    how.threads = 2;
    how.log.level = log_level::off;
    auto opened = runtime::open(samples::bank_domain(), std::move(how));
    if (!opened) throw std::runtime_error("open: " + opened.error().text);
    return std::move(*opened);
  }
  template <class C>
  static position ask(runtime& bank, const std::string& key, C command, ask_options how = {}) {
    const auto answer = bank.ask<account>(key, std::move(command), how).get();
    if (!answer || !answer->accepted()) throw std::runtime_error("ask");
    return answer->position;
  }
  /// Twenty accounts, deposits, forty transfers, some of them to nobody, and each of them answered.
  void work(const std::string& url) {
    auto bank = open("node", url);
    read_models models(directory_ / "node");
    auto transfers = react<samples::transfers>(models, bank);
    if (!transfers) throw std::runtime_error(transfers.error().text);
    position last;
    for (int i = 0; i < 20; ++i) {
      ask(bank, name(i), bank::OpenT{.owner = "o" + std::to_string(i)});
      ask(bank, name(i), bank::DepositT{.amount = 1000},
          i == 3 ? ask_options{.command = repeated_} : ask_options{});
    }
    for (int i = 0; i < 40; ++i)
      last = ask(bank, name(i % 20), bank::TransferT{.to = name(20 + i % 3 - i % 5), .amount = i + 1});
    const auto done = (*transfers)->wait_for(last, patience);
    if (!done) throw std::runtime_error(done.error().text);
  }
  static std::string name(int i) { return "a" + std::to_string(i); }

  struct sent_credit {
    std::string to;
    std::string from;
    std::int64_t amount = 0;
    std::optional<command_source> source;
  };
  static sent_credit first_credit(journal::journal& in) {
    const auto records = in.read(1);
    for (;;) {
      const auto stored = records->next().value();
      if (!stored) return {};
      const auto view = journal::record_view::decode(stored->data).value();
      for (std::uint32_t i = 0; i < view.commit_count(); ++i) {
        const auto commit = view.commit_at(i);
        if (!commit.source || view.type(commit.event(0).type).name != "bank.TransferReceived") continue;
        const auto& event = *flatbuffers::GetRoot<bank::TransferReceived>(commit.event(0).payload.data());
        return {std::string(commit.key), event.from()->str(), event.amount(), commit.source};
      }
    }
  }

  static ending quipu(std::vector<std::string> words) {
    words.insert(words.begin(), QUIPU_PROGRAM);
    return run(words);
  }
  static void expect_done(const std::vector<std::string>& words) {
    const auto done = quipu(words);
    EXPECT_EQ(done.code, 0) << words[1] << ": " << done.out << done.err;
  }
  /// The rows of both projections, rebuilt by the real program.
  std::vector<stored_rows> rows_of(const std::string& url, const std::string& node) {
    const auto at = directory_ / node;
    expect_done(
        {"replay", "--module", QUIPU_BANK_MODULE, "--all", "--promote", "--directory", at.string(), url});
    read_models models(at);
    return {dump(models, projection_type_of<samples::balances>()),
            dump(models, projection_type_of<samples::statement>())};
  }

  temporary_directory directory_;
  nats_server server_;
  const command_id repeated_ = runtime::new_command_id();
};

TEST_F(copied_bank, has_the_same_rows_and_goes_on) {
  const auto source = "lmdb:" + (directory_ / "source").string();
  const auto there = server_.url("bank");
  const auto back = "lmdb:" + (directory_ / "back").string();
  const auto file = (directory_ / "bank.jsonl").string();
  work(source);
  expect_done({"journal", "verify", source, "--module", QUIPU_BANK_MODULE});
  expect_done({"journal", "export", source, "--output", file});
  expect_done({"journal", "import", file, there});
  expect_done({"journal", "import", there, back});
  for (const auto& url : {there, back})
    expect_done({"journal", "verify", url, "--module", QUIPU_BANK_MODULE});

  const auto before = rows_of(source, "r1");
  ASSERT_GE(before[0].size(), 20U);
  ASSERT_GT(before[1].size(), 90U);
  EXPECT_EQ(rows_of(there, "r2"), before);
  EXPECT_EQ(rows_of(back, "r3"), before);

  auto bank = open("node of the copy", back);
  const auto state = bank.read<account>(name(3)).get();
  ASSERT_TRUE(state && state->accepted());
  const auto balance = (*state)->balance;
  const auto again = bank.ask<account>(name(3), bank::DepositT{.amount = 1000}, {.command = repeated_}).get();
  ASSERT_TRUE(again && again->accepted());
  EXPECT_TRUE(again->repeat);
  const auto more = bank.ask<account>(name(3), bank::DepositT{.amount = 1}).get();
  ASSERT_TRUE(more && more->accepted());
  EXPECT_FALSE(more->repeat);
  EXPECT_EQ((*more)->amount, balance + 1);

  // What a reaction sent is known by where its event lies in the copy, also under the id that it has from there.
  const auto credit = first_credit(*bank.journal());
  ASSERT_TRUE(credit.source);
  const auto id = id_of(*credit.source, std::chrono::sys_time<std::chrono::microseconds>{});
  const auto was = (*bank.read<account>(credit.to).get())->balance;
  const auto sent_again =
      bank.ask<account>(credit.to, bank::CreditT{.from = credit.from, .amount = credit.amount},
                        {.command = id, .source = credit.source})
          .get();
  EXPECT_TRUE(sent_again ? sent_again->repeat
                         : sent_again.error().code == error_code::command_handled_before);
  EXPECT_EQ((*bank.read<account>(credit.to).get())->balance, was);
}

}  // namespace
}  // namespace quipu::test
