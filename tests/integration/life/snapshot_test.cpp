#include <quipu/checkpoints.hpp>

#include <unistd.h>

#include <csignal>
#include <map>

#include "bank_of_lives.hpp"
#include "support/waiting.hpp"

namespace quipu::test {
namespace {

class snapshots : public on_both {
 protected:
  words about(const std::string& what, words more = {}) const {
    words all{"snapshot", what, "--directory", node_directory().string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  ending verify(words more = {}) const {
    more.insert(more.end(), {"--journal", url_});
    return with_module(about("verify", more));
  }
  ending rebuild(words more = {}) const {
    more.insert(more.end(), {"--journal", url_});
    return with_module(about("rebuild", more));
  }
  /// Closing stores what is not stored yet.
  void write_and_close() {
    write_a_life("ada");
    ask("bob", bank::OpenT{.owner = "bob"});
    ask("eve", bank::OpenT{.owner = "eve"});
    ask("eve", bank::CloseT{});
    close();
  }
  /// Snapshots that hold together, in which ada has 7 more than her events say.
  void falsify() {
    const auto journal = journal::open(url_, {.mode = journal::access::read}).value();
    auto made = checkpoint_rebuild::begin(node_directory(), journal->about()).value();
    const auto& type = entity_type_of<samples::account>();
    std::map<std::string, entity_image> all;
    std::map<journal::partition_id, std::pair<record_number, checksum>> ends;
    const auto records = journal->read(1);
    while (const auto record = records->next().value()) {
      const auto view = journal::record_view::decode(record->data).value();
      ends[record->partition] = {record->number, view.sum()};
      for (std::uint32_t i = 0; i < view.commit_count(); ++i) {
        const auto commit = view.commit_at(i);
        auto& one = all.try_emplace(std::string(commit.key), type).first->second;
        ASSERT_TRUE(one.apply(view, record->number, commit));
        if (commit.key == "ada" && commit.last_sequence() == 4)
          const_cast<bank::AccountT*>(static_cast<const bank::AccountT*>(one.state()))->balance += 7;
      }
    }
    for (const auto& [key, one] : all)
      ASSERT_TRUE(made.put(journal::partition_of(journal::entity_hash("account", key), 4), key, one));
    const port::entity_type* types[] = {&type};
    for (const auto& [partition, end] : ends)
      ASSERT_TRUE(made.complete(partition, end.first, end.second, types));
    ASSERT_TRUE(made.promote(false));
  }
};

TEST_P(snapshots, are_listed_shown_and_verified) {
  write_and_close();
  const auto listed = with_module(about("ls", {"--journal", url_, "--json"}));
  ASSERT_EQ(listed.code, 0) << listed.err;
  std::uint64_t entities = 0;
  for (const auto& part : objects(listed.out)) {
    EXPECT_EQ(part.at("matches"), true);
    for (const auto& category : part.at("categories")) {
      EXPECT_EQ(category.at("category"), "account");
      EXPECT_EQ(category.at("as_in_module"), true);
      entities += category.at("entities").get<std::uint64_t>();
    }
  }
  EXPECT_EQ(entities, 3U);
  EXPECT_TRUE(has(quipu(about("ls")).out, "entit"));

  const auto shown = with_module(about("show", {"account/ada", "--json"}));
  ASSERT_EQ(shown.code, 0) << shown.err;
  const auto ada = objects(shown.out).at(0);
  EXPECT_EQ(ada.at("state"), json({{"owner", "ada"}, {"balance", 40}}));
  EXPECT_EQ(ada.at("sequence"), 4);
  EXPECT_EQ(ada.at("remembered").size(), 4U);
  const auto bytes = objects(quipu(about("show", {"account/ada", "--json"})).out).at(0);
  EXPECT_EQ(bytes.at("state"), nullptr);
  EXPECT_FALSE(bytes.at("state_bytes").get<std::string>().empty());
  EXPECT_TRUE(has(with_module(about("show", {"account/eve"})).out, "it has ended"));
  EXPECT_TRUE(has(quipu(about("show", {"account/nobody"})).err, "no snapshot of account/nobody"));

  const auto verified = verify({"--json"});
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_EQ(objects(verified.out).at(0), json({{"compared", 3}, {"differing", 0}, {"other_version", 0}}));
}

TEST_P(snapshots, a_wrong_state_is_found_and_made_right) {
  write_and_close();
  falsify();
  const auto found = verify();
  EXPECT_EQ(found.code, 1);
  EXPECT_TRUE(has(found.out, "account/ada@4")) << found.out << found.err;
  EXPECT_TRUE(has(found.out, "/balance 47 -> 40")) << found.out;
  const auto made = rebuild({"--keep-old", "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(objects(made.out).at(0).at("entities"), 3);
  EXPECT_TRUE(std::filesystem::exists(node_directory() / "checkpoints.old"));
  EXPECT_FALSE(std::filesystem::exists(node_directory() / "checkpoints.new"));
  EXPECT_EQ(verify().code, 0);
  open();
  EXPECT_EQ(node_->status().recovery.events_replayed, 0U);
  EXPECT_EQ(node_->read<samples::account>("ada").get().value()->balance, 40);
  EXPECT_EQ(ask("ada", bank::DepositT{.amount = 2}).value().amount, 42);
}

TEST_P(snapshots, a_live_runtime_is_looked_at_and_not_replaced) {
  write_and_close();
  open();
  ask("ada", bank::DepositT{.amount = 2});
  EXPECT_EQ(verify().code, 0) << "at the snapshots' own positions";
  EXPECT_EQ(objects(with_module(about("show", {"account/ada", "--json"})).out).at(0).at("sequence"), 4);
  const auto refused = rebuild();
  EXPECT_EQ(refused.code, 3);
  EXPECT_TRUE(has(refused.err, "is held for writing by process " + std::to_string(::getpid())))
      << refused.err;
}

INSTANTIATE_TEST_SUITE_P(journals, snapshots, testing::Values(embedded, jetstream),
                         [](const auto& which) { return which.param.name; });

class embedded_snapshots : public snapshots {};

TEST_P(embedded_snapshots, an_entity_whose_events_do_not_apply_keeps_the_old_ones) {
  write_and_close();
  const auto gap = event(bank::DepositedT{.amount = 1});
  append({.category = "account", .key = "ada", .first_sequence = 9, .time_us = 9, .events = {&gap, 1}});
  const auto done = rebuild();
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(has(done.err, "account/ada: event 5 is missing before event 9")) << done.err;
  EXPECT_TRUE(has(done.err, "the old snapshots stay as they are")) << done.err;
  EXPECT_EQ(objects(with_module(about("show", {"account/ada", "--json"})).out).at(0).at("sequence"), 4);
  const auto damaged = event(bank::DepositedT{.amount = 1});
  append({.category = "account", .key = "bob", .first_sequence = 2, .time_us = 9, .events = {&damaged, 1}},
         true);
  EXPECT_EQ(verify().code, 1);
}

TEST_P(embedded_snapshots, of_another_journal_are_said_to_be_that) {
  write_and_close();
  const temporary_directory other;
  options how;
  how.directory = other.path();
  how.log.level = log_level::off;
  ASSERT_TRUE(runtime::open(samples::bank_domain(), how));
  const auto url = "lmdb:" + (other.path() / "journal").string();
  const auto listed = quipu(about("ls", {"--journal", url}));
  EXPECT_EQ(listed.code, 1);
  EXPECT_TRUE(has(listed.out, "they belong to another journal")) << listed.out;
  const auto verified = with_module(about("verify", {"--journal", url}));
  EXPECT_EQ(verified.code, 1);
  EXPECT_TRUE(has(verified.err, "belong to another journal")) << verified.err;
  EXPECT_EQ(quipu({"snapshot", "ls", "--directory", (other.path() / "nowhere").string()}).code, 3);
}

TEST_P(embedded_snapshots, a_rebuild_that_is_killed_leaves_the_old_ones_whole) {
  std::vector<keyed<bank::OpenT>> many;
  for (int i = 0; i < 5'000; ++i) many.push_back({"k" + std::to_string(i), bank::OpenT{.owner = "o"}});
  for (auto& done : node_->submit<samples::account>(std::move(many))) ASSERT_TRUE(done.get());
  write_and_close();
  const auto made = node_directory() / "checkpoints.new";
  for (int kill = 0; kill < 4; ++kill) {
    process work(command(about("rebuild", {"--journal", url_, "--module", QUIPU_BANK_MODULE})));
    // Each time a little later: from the first sign of it to its end.
    wait_until([&] { return std::filesystem::exists(made) || !work.running(); }, std::chrono::seconds(30),
               std::chrono::milliseconds(1));
    wait_until([&] { return !work.running(); }, std::chrono::milliseconds(1 + 20 * kill),
               std::chrono::milliseconds(1));
    work.signal(SIGKILL);
    work.wait();
    const auto whole = verify({"--json"});
    ASSERT_EQ(whole.code, 0) << whole.err << whole.out;
    EXPECT_EQ(objects(whole.out).at(0).at("compared"), 5'003);
  }
  ASSERT_EQ(rebuild().code, 0);
  EXPECT_FALSE(std::filesystem::exists(made));
  EXPECT_FALSE(std::filesystem::exists(node_directory() / "checkpoints.old"));
  EXPECT_EQ(verify().code, 0);
}

INSTANTIATE_TEST_SUITE_P(journals, embedded_snapshots, testing::Values(embedded),
                         [](const auto& which) { return which.param.name; });

}  // namespace
}  // namespace quipu::test
