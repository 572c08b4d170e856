// The server comes back without all that it had acknowledged: older, empty, or with another journal.
#include "one_server.hpp"

#include <quipu/journal/open.hpp>

#include "account.hpp"

#include <algorithm>

namespace quipu::test {
namespace {

class lost_records : public one_server {
 protected:
  explicit lost_records(nats_settings with = {}) : one_server(std::move(with)) {}

  /// Cuts the end off the stream's last block: several records are gone, and part of one more. It is more than what can have
  /// been on its way when the server died, so that acknowledged ones are among them.
  void truncate_last_block() {
    const auto blocks = server.blocks("bank");
    ASSERT_FALSE(blocks.empty());
    const auto size = std::filesystem::file_size(blocks.back());
    std::filesystem::resize_file(blocks.back(), size - std::min(size / 2, between(random, 40'000, 80'000)));
  }
  /// The runtime has stopped: every partition says why.
  void expect_stopped(const runtime& bank, std::string_view why) {
    const auto stopped = [&] {
      return std::ranges::all_of(bank.status().partitions,
                                 [](const auto& one) { return one.phase == partition_phase::failed; });
    };
    ASSERT_TRUE(wait_until(stopped)) << "the runtime goes on";
    for (const auto& one : bank.status().partitions)
      EXPECT_NE(one.why.find(why), std::string::npos) << one.partition << ": " << one.why;
  }
  /// What the bank shows of its accounts is what the journal holds.
  void expect_states(runtime& bank, const journal_truth& truth, std::uint32_t accounts) {
    for (std::uint32_t number = 0; number < accounts; ++number) {
      const auto found = truth.accounts.find(number);
      const account_state held = found == truth.accounts.end() ? account_state{} : found->second.back();
      const auto shown = bank.read<samples::account>(key_of_account(number)).get();
      ASSERT_TRUE(shown.has_value()) << shown.error().text;
      EXPECT_EQ(shown->accepted(), held.open) << number;
      if (!shown->accepted() || !held.open) continue;
      EXPECT_EQ(shown->value().balance, held.balance) << number;
      EXPECT_EQ(shown->sequence, found->second.size() - 1) << number;
    }
  }
  static bool all_saved(const runtime& bank) {
    return std::ranges::all_of(bank.status().partitions,
                               [](const auto& one) { return one.unsaved_entities == 0; });
  }
};

class lost_records_of : public lost_records, public testing::WithParamInterface<nats_build> {
 protected:
  lost_records_of() : lost_records({.build = GetParam()}) {}
};

TEST_P(lost_records_of, truncated_last_block) {
  auto how = how_to_open(proxied_url());
  how.snapshots.every_events = 1;  // so that the checkpoint is ahead of what the server keeps
  record_number kept = 0;
  {
    auto bank = open(how);
    bank_load load(bank, record, random, {});
    load.start();
    ASSERT_TRUE(record.wait_for_accepted(1'000));
    load.finish();
    ASSERT_TRUE(wait_until([&] { return all_saved(bank); }));
    load.start();
    ASSERT_TRUE(record.wait_for_accepted(100));
    server.kill();
    truncate_last_block();
    server.start();
    expect_stopped(bank, "lost acknowledged records");
    load.finish();
    EXPECT_NE(record.text_of_failure(error_kind::unavailable).find("lost acknowledged records"),
              std::string::npos)
        << record.text_of_failure(error_kind::unavailable);
    const auto left = read_journal(direct_url());
    EXPECT_EQ(left.wrong, std::vector<std::string>{});
    kept = left.last;
    const auto before = record.accepted();
    record.server_lost_after(kept);
    const auto all = record.all();
    EXPECT_GT(std::ranges::count_if(all, [](const auto& one) { return one.lost; }), 0)
        << "nothing was lost: this test shows nothing";
    EXPECT_EQ(before, record.accepted());
  }
  auto bank = open(how);
  const auto truth = read_journal(direct_url());
  EXPECT_EQ(truth.last, kept + partitions) << "closing wrote something; only the claims may be new";
  expect_states(bank, truth, 64);
  std::string notes;
  for (const auto& one : bank.status().partitions)
    for (const auto& note : one.notes) notes += note + "\n";
  EXPECT_NE(notes.find("the checkpoint is discarded"), std::string::npos) << notes;
  bank_load load(bank, record, random, {});
  load.start();
  expect_recovery("a new opening on what the server kept", 5s);
  expect_truth(load);
}

INSTANTIATE_TEST_SUITE_P(on, lost_records_of, testing::Values(nats_build::installed, nats_build::trixie),
                         [](const auto& of) { return std::string(to_string(of.param)); });

TEST_F(lost_records, empty_store) {
  auto bank = open();
  bank_load load(bank, record, random, {});
  load.start();
  ASSERT_TRUE(record.wait_for_accepted(500));
  server.stop();
  server.empty_store();
  server.start();
  expect_stopped(bank, "is gone from the server");
  load.finish();
  const auto nothing = journal::open(direct_url(), {.mode = journal::access::read});
  ASSERT_FALSE(nothing.has_value()) << "the runtime made a new journal";
  EXPECT_EQ(nothing.error().kind, journal::failure_kind::not_found) << nothing.error().text;
}

TEST_F(lost_records, another_journal_of_the_same_name) {
  auto bank = open();
  bank_load load(bank, record, random, {});
  load.start();
  ASSERT_TRUE(record.wait_for_accepted(500));
  proxy.refuse();
  server.stop();
  server.empty_store();
  server.start();
  const auto made = journal::create(direct_url(), {.partitions = partitions});
  ASSERT_TRUE(made.has_value()) << made.error().text;
  proxy.accept();
  expect_stopped(bank, "another journal lies there now");
  load.finish();
  bank.close();
  const auto other = read_journal(direct_url());
  EXPECT_EQ(other.records, 0U) << "the runtime wrote into another journal";
  EXPECT_EQ(other.wrong, std::vector<std::string>{});
}

// The worst case of a lost record: while its owner can't see the server, another one goes on from what was kept, and gets
// exactly as far as the lost record was. The server then takes the first one's next record, for the numbers fit.
TEST_F(lost_records, replaced_by_another_owner_up_to_the_same_number) {
  ASSERT_TRUE(journal::create(direct_url(), {.partitions = 1}).has_value());
  auto bank = open();
  bank_load load(bank, record, random, {.accounts = 1, .outstanding = 1});
  load.start();
  ASSERT_TRUE(record.wait_for_accepted(300));
  load.finish();
  const auto known = bank.status().partitions[0].tail;
  proxy.refuse();
  server.kill();
  truncate_last_block();
  server.start();
  const auto kept = read_journal(direct_url()).last;
  ASSERT_LT(kept + 1, known);
  record.server_lost_after(kept);

  auto how = how_to_open(direct_url(), "other");
  auto other = open(how);
  bank_load more(other, record, random, {.accounts = 1});
  for (auto tail = kept + 1; tail < known;) {
    more.send({.id = runtime::new_command_id(), .verb = bank_verb::deposit, .amount = 7});
    more.wait_for_answers();
    const auto now = wait_until([&] { return other.status().partitions[0].tail > tail; });
    ASSERT_TRUE(now);
    tail = other.status().partitions[0].tail;
  }
  ASSERT_EQ(other.status().partitions[0].tail, known);

  proxy.accept();
  const auto stopped = [&] {
    load.send({.id = runtime::new_command_id(), .verb = bank_verb::deposit, .amount = 9});
    load.wait_for_answers();
    return bank.status().partitions[0].phase != partition_phase::serving;
  };
  EXPECT_TRUE(wait_until(stopped)) << "the first owner goes on from records that are gone";
  more.send({.id = runtime::new_command_id(), .verb = bank_verb::deposit, .amount = 11});
  more.wait_for_answers();
  EXPECT_EQ(other.status().partitions[0].phase, partition_phase::serving) << other.status().partitions[0].why;
  expect_truth(more);
}

}  // namespace
}  // namespace quipu::test
