/// The samples as people start them, on the servers that a journal for production has.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "support/nats_cluster.hpp"
#include "support/nats_server.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::test {
namespace {

struct place {
  std::string name;
  nats_build build = nats_build::installed;
  bool sync_always = false;
  bool cluster = false;
};
std::ostream& operator<<(std::ostream& out, const place& where) { return out << where.name; }

class samples : public testing::TestWithParam<place> {
 protected:
  void SetUp() override {
    const auto& where = GetParam();
    QUIPU_SKIP_WITHOUT_NATS(where.build);
    if (where.cluster) {
      cluster_ = std::make_unique<nats_cluster>(nats_settings{.build = where.build});
      return;
    }
    server_ =
        std::make_unique<nats_server>(nats_settings{.build = where.build, .sync_always = where.sync_always});
    server_->start();
  }

  std::string url(const std::string& journal) const {
    return cluster_ ? cluster_->url(journal) : server_->url(journal);
  }
  /// As its operator would: a sample does not know how many copies there are to be.
  void create(const std::string& journal) {
    const auto made = run({QUIPU_TOOL, "journal", "create", url(journal), "--partitions", "16", "--replicas",
                           cluster_ ? "3" : "1"});
    ASSERT_EQ(made.code, 0) << made.out << made.err;
  }
  static void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "\"" << part << "\" is not in\n" << text;
  }

  temporary_directory here_;
  std::unique_ptr<nats_server> server_;
  std::unique_ptr<nats_cluster> cluster_;
};

TEST_P(samples, the_bank_keeps_its_money) {
  create("bank");
  const auto first = run({QUIPU_BANK, here_ / "bank", url("bank")});
  EXPECT_EQ(first.code, 0) << first.err;
  expect_in(first.out, "deposit 100  balance 100 after event 2\n");
  expect_in(first.out, "withdraw 500 rejected: insufficient_funds\n");
  expect_in(first.out, "withdraw 30  balance 70 after event 3\n");
  expect_in(first.out, "again        balance 70 after event 3 (asked before)\n");
  expect_in(first.out, "ada          has 50\nbob          has 20\n");
  // From another machine, which has nothing but the journal: accounts are there, and what transfers were told is not.
  const auto second = run({QUIPU_BANK, here_ / "another", url("bank")});
  EXPECT_EQ(second.code, 3) << second.out;
  expect_in(second.out, "open         rejected: exists\n");
  expect_in(second.out, "deposit 100  balance 150 after event 7\n");
  expect_in(second.err, "reaction.store_lost");
  std::filesystem::remove_all(here_ / "another/read-models");
  std::filesystem::copy(here_ / "bank/read-models", here_ / "another/read-models",
                        std::filesystem::copy_options::recursive);
  const auto third = run({QUIPU_BANK, here_ / "another", url("bank")});
  EXPECT_EQ(third.code, 0) << third.err;
  expect_in(third.out, "bob          has 40\n");
}

// It kills its own worker, and checks each of 20 000 flights at the end.
TEST_P(samples, the_flights_demo_has_right_books) {
  create("flights");
  const auto ran = run({QUIPU_FLIGHTS_DEMO, "--directory", here_ / "demo", "--journal", url("flights"),
                        "--csv", QUIPU_FLIGHTS_CSV},
                       {}, {}, std::chrono::seconds{120});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  expect_in(ran.out, "SIGKILL");
  expect_in(ran.out, "left once and arrived once");
}

INSTANTIATE_TEST_SUITE_P(
    jetstream, samples,
    testing::Values(place{.name = "nats_installed"},
                    place{.name = "nats_2_10_sync_always", .build = nats_build::trixie, .sync_always = true},
                    place{.name = "nats_cluster", .build = nats_build::sid, .cluster = true}),
    [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace quipu::test
