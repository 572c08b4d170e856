#include <quipu/caused_by.hpp>
#include <quipu/projections/read_models.hpp>
#include <quipu/reactions/reactor.hpp>

#include "bank_of_lives.hpp"
#include "transfers.hpp"

namespace quipu::test {
namespace {

class traced : public on_both {
 protected:
  /// A transfer to bob that arrives, and one to nobody that comes back.
  void write_transfers() {
    ask("ada", bank::OpenT{.owner = "ada"});
    ask("bob", bank::OpenT{.owner = "bob"});
    first_ = ask("ada", bank::DepositT{.amount = 100}, {.command = deposit_});
    auto how = caused_by(first_->command, {}, {});
    how.command = arrives_;
    ask("ada", bank::TransferT{.to = "bob", .amount = 30}, how);
    how.command = comes_back_;
    const auto last = ask("ada", bank::TransferT{.to = "nobody", .amount = 5}, how);
    read_models models{node_directory()};
    auto reactor = react<samples::transfers>(models, *node_);
    if (!reactor) throw std::runtime_error(reactor.error().text);
    if (auto done = (*reactor)->wait_for(last.position, std::chrono::seconds(30)); !done)
      throw std::runtime_error(done.error().text);
  }
  std::vector<json> tree(const id128& command) {
    const auto done = quipu({"journal", "trace", url_, command.hex(), "--json"});
    EXPECT_EQ(done.code, 0) << done.err;
    return objects(done.out);
  }

  const id128 deposit_ = runtime::new_command_id();
  const id128 arrives_ = runtime::new_command_id();
  const id128 comes_back_ = runtime::new_command_id();
  std::optional<answer<bank::BalanceT>> first_;
};

TEST_P(traced, a_transfer_and_a_refund_are_one_tree_whichever_is_asked_for) {
  write_transfers();
  const auto whole = tree(deposit_);
  ASSERT_EQ(whole.size(), 5U);
  const auto type = [](const json& node) { return node.at("events").at(0).at("type").get<std::string>(); };
  EXPECT_EQ(type(whole[0]), "bank.Deposited");
  EXPECT_EQ(whole[0].at("depth"), 0);
  EXPECT_EQ(whole[0].at("parent"), nullptr);
  EXPECT_EQ(whole[0].at("asked"), true);
  EXPECT_EQ(type(whole[1]), "bank.TransferSent");
  EXPECT_EQ(whole[1].at("command"), arrives_.hex());
  EXPECT_EQ(whole[1].at("parent"), deposit_.hex());
  EXPECT_EQ(type(whole[2]), "bank.TransferReceived");
  EXPECT_EQ(whole[2].at("key"), "bob");
  EXPECT_EQ(whole[2].at("parent"), arrives_.hex());
  EXPECT_EQ(whole[2].at("depth"), 2);
  EXPECT_EQ(whole[2].at("source").at("at"), whole[1].at("position"));
  EXPECT_EQ(type(whole[3]), "bank.TransferSent");
  EXPECT_EQ(type(whole[4]), "bank.TransferRefunded");
  EXPECT_EQ(whole[4].at("parent"), comes_back_.hex());
  EXPECT_EQ(whole[4].at("key"), "ada");

  const auto refund = id128::from_hex(whole[4].at("command").get<std::string>()).value();
  auto from_below = tree(refund);
  ASSERT_EQ(from_below.size(), 5U);
  EXPECT_EQ(from_below[4].at("asked"), true);
  EXPECT_EQ(from_below[0].at("asked"), false);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(from_below[i].at("command"), whole[i].at("command"));

  const auto text = quipu({"journal", "trace", url_, refund.hex()});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(has(text.out, "\n      @5  bank.TransferRefunded")) << text.out;
  EXPECT_EQ(lines_of(text.out).size(), 10U) << text.out;
  EXPECT_TRUE(has(lines_of(text.out).at(8), "<== asked for")) << text.out;
}

TEST_P(traced, a_cause_that_left_nothing_stands_above_what_followed) {
  const auto rejected = runtime::new_command_id();
  ask("ada", bank::OpenT{.owner = "ada"}, caused_by(rejected, {}, {}));
  const auto found = tree(rejected);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].at("position"), nullptr);
  EXPECT_EQ(found[0].at("asked"), true);
  EXPECT_EQ(found[1].at("parent"), rejected.hex());
}

TEST_P(traced, what_is_not_there_is_said) {
  const auto done = quipu({"journal", "trace", url_, "0123456789abcdef0123456789abcdef"});
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out, "");
  EXPECT_TRUE(has(done.err, "no command 0123456789abcdef")) << done.err;
  EXPECT_EQ(quipu({"journal", "trace", url_, "17"}).code, 2);
}

INSTANTIATE_TEST_SUITE_P(journals, traced, testing::Values(embedded, jetstream),
                         [](const auto& which) { return which.param.name; });

}  // namespace
}  // namespace quipu::test
