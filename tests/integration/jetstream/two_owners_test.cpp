// Two that write the same journal: exactly one wins each record, and the other's clients are told what is true.
#include "one_server.hpp"

#include "owner_process.hpp"

#include <barrier>
#include <csignal>
#include <set>

namespace quipu::test {
namespace {

class two_owners : public one_server {
 protected:
  options opening(const std::string& name, bool take_over, const std::string& url) {
    auto how = how_to_open(url, name);
    how.take_over = take_over;
    how.on_notice = [this, name](const notice& what) {
      if (what.kind != notice_kind::superseded) return;
      const std::scoped_lock lock(guard_);
      superseded_[name].insert(*what.partition);
    };
    return how;
  }
  bool wait_until_superseded(const std::string& name) {
    return wait_until([&] { return superseded(name).size() >= partitions; });
  }
  std::multiset<std::uint32_t> superseded(const std::string& name) {
    const std::scoped_lock lock(guard_);
    return superseded_[name];
  }
  static std::size_t phases(const runtime& bank, partition_phase phase) {
    const auto status = bank.status();
    return static_cast<std::size_t>(std::ranges::count(status.partitions, phase, &partition_status::phase));
  }
  std::uint64_t claims_of_all(const journal_truth& truth) {
    std::uint64_t all = 0;
    for (const auto& [partition, count] : truth.claims) all += count;
    return all;
  }

 private:
  std::mutex guard_;
  std::map<std::string, std::multiset<std::uint32_t>> superseded_;
};

TEST_F(two_owners, a_living_one_is_named_and_kept) {
  auto bank = open(opening("the first owner", false, proxied_url()));
  bank_load load(bank, record, random, {});
  load.start();
  ASSERT_TRUE(record.wait_for_accepted(100));
  const auto second = runtime::open(bank_domain(), opening("the second", false, direct_url()));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, error_kind::unavailable);
  EXPECT_NE(second.error().text.find("the first owner"), std::string::npos) << second.error().text;
  ASSERT_TRUE(record.wait_for_accepted(100));
  const auto truth = expect_truth(load);
  EXPECT_EQ(claims_of_all(truth), partitions) << "the second one claimed";
}

TEST_F(two_owners, one_that_takes_over_fences_the_other) {
  auto first = open(opening("first", false, proxied_url()));
  bank_load load(first, record, random, {});
  load.start();
  ASSERT_TRUE(record.wait_for_accepted(100));
  auto second = open(opening("second", true, direct_url()));
  bank_load more(second, record, random, {});
  more.start();
  ASSERT_TRUE(wait_until_superseded("first"));
  ASSERT_TRUE(record.wait_for_accepted(500));
  EXPECT_GT(record.failed(error_kind::superseded), 0U);
  EXPECT_NE(record.text_of_failure(error_kind::superseded).find("second"), std::string::npos)
      << record.text_of_failure(error_kind::superseded);
  EXPECT_EQ(phases(first, partition_phase::superseded), partitions);
  EXPECT_EQ(phases(second, partition_phase::serving), partitions);
  load.finish();
  const auto truth = expect_truth(more);
  EXPECT_EQ(claims_of_all(truth), 2 * partitions) << "the superseded one claimed again";
  EXPECT_EQ(superseded("first").size(), partitions) << "told more than once";
}

// Each in turn: a process that stands still while another one takes its journal, and goes on where it stood.
TEST_F(two_owners, one_that_was_paused_wakes_up_superseded) {
  constexpr int turns = 4;
  std::optional<runtime> mine;
  std::optional<bank_load> my_load;
  for (int turn = 0; turn < turns && !HasFailure(); ++turn) {
    const auto name = "turn-" + std::to_string(turn);
    owner_process other(direct_url(), home / ("other-" + name), "other-" + name, random(), record);
    ASSERT_TRUE(other.wait_for("open"));
    if (mine) {
      ASSERT_TRUE(wait_until_superseded("mine-turn-" + std::to_string(turn - 1)));
      my_load->finish();
      my_load.reset();
      mine.reset();
    }
    ASSERT_TRUE(record.wait_for_accepted(between(random, 1, 500)));
    other.signal(SIGSTOP);
    mine.emplace(open(opening("mine-" + name, between(random, 0, 1) == 0, proxied_url())));
    my_load.emplace(*mine, record, random, load_options{});
    my_load->start();
    ASSERT_TRUE(record.wait_for_accepted(between(random, 1, 500)));
    other.signal(SIGCONT);
    ASSERT_TRUE(other.wait_until_superseded(partitions));
    ASSERT_TRUE(other.finish());
    EXPECT_EQ(other.superseded(), partitions);
    EXPECT_EQ(phases(*mine, partition_phase::serving), partitions);
  }
  const auto truth = expect_truth(*my_load);
  EXPECT_EQ(claims_of_all(truth), 2U * turns * partitions) << "a superseded one claimed again";
}

// The batch is on its way when another one claims, and arrives afterwards.
TEST_F(two_owners, a_batch_that_comes_after_the_claim_is_fenced) {
  auto first = open(opening("first", false, proxied_url()));
  bank_load load(first, record, random, {});
  load.start();
  ASSERT_TRUE(record.wait_for_accepted(100));
  at(direction::to_server, publish_on_wire, [&] { proxy.set(direction::to_server, flow::hold); });
  ASSERT_TRUE(proxy.wait_for_held(direction::to_server, 1));
  auto second = open(opening("second", true, direct_url()));
  bank_load more(second, record, random, {});
  more.start();
  ASSERT_TRUE(record.wait_for_accepted(100));
  proxy.set(direction::to_server, flow::pass);
  ASSERT_TRUE(wait_until_superseded("first"));
  load.finish();
  EXPECT_GT(record.failed(error_kind::superseded), 0U);
  const auto truth = expect_truth(more);
  EXPECT_EQ(claims_of_all(truth), 2 * partitions);
}

/// Two that open at the same moment, again and again.
class two_openers : public two_owners, public testing::WithParamInterface<bool> {};

TEST_P(two_openers, at_the_same_moment_never_both_serve) {
  const bool take_over = GetParam();
  int none = 0;
  int both = 0;
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    std::array<std::optional<result<runtime>>, 2> opened;
    std::barrier start(2);
    const auto open_one = [&](std::size_t which) {
      auto how =
          opening("opener-" + std::to_string(which), take_over, which == 0 ? proxied_url() : direct_url());
      start.arrive_and_wait();
      opened[which].emplace(runtime::open(bank_domain(), std::move(how)));
    };
    {
      const std::jthread one(open_one, 0);
      const std::jthread two(open_one, 1);
    }
    EXPECT_TRUE(take_over || !opened[0]->has_value() || !opened[1]->has_value()) << "both opened";
    const int open_now = int{opened[0]->has_value()} + int{opened[1]->has_value()};
    none += open_now == 0 ? 1 : 0;
    both += open_now == 2 ? 1 : 0;
    for (const auto& one : opened)
      if (!one->has_value()) {
        EXPECT_TRUE(one->error().kind == error_kind::superseded ||
                    (!take_over && one->error().kind == error_kind::unavailable))
            << one->error().text;
      }
    // One command to each account over each of them: of a partition, one of the two answers.
    std::set<std::pair<std::uint32_t, std::size_t>> served;
    for (std::size_t which = 0; which < 2; ++which) {
      if (!opened[which]->has_value()) continue;
      bank_load clients(**opened[which], record, random, {});
      for (std::uint32_t account = 0; account < 12; ++account) {
        const auto before = record.accepted();
        clients.send({.id = runtime::new_command_id(),
                      .account = account,
                      .verb = round == 0 ? bank_verb::open : bank_verb::deposit,
                      .amount = 8});
        clients.wait_for_answers();
        if (record.accepted() > before) served.insert({partition_of_account(account, partitions), which});
      }
    }
    for (std::uint32_t partition = 0; partition < partitions; ++partition)
      EXPECT_LE(served.count({partition, 0}) + served.count({partition, 1}), 1U)
          << "both serve partition " << partition;
  }
  std::printf("of 12 rounds both opened in %d and none in %d\n", both, none);
  auto bank = open(opening("last", false, direct_url()));
  bank_load load(bank, record, random, {});
  load.start();
  expect_recovery("two openers");
  expect_truth(load);
}

INSTANTIATE_TEST_SUITE_P(each, two_openers, testing::Bool(),
                         [](const auto& of) { return std::string(of.param ? "taking_over" : "politely"); });

}  // namespace
}  // namespace quipu::test
