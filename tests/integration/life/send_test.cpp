#include <unistd.h>

#include "bank_of_lives.hpp"

namespace quipu::test {
namespace {

class tried : public on_both {};
class sent : public bank_of_lives {
 protected:
  sent() {
    use(embedded);
    open();
    write_a_life("ada");
    close();
  }
  ending send(const std::string& command, const std::string& body, words more = {}) const {
    more.insert(more.begin(), {"send", url_, "account/ada", command, body});
    return with_module(more);
  }
};

TEST_P(tried, a_dry_run_shows_what_would_happen_beside_the_live_writer) {
  write_a_life("ada");
  const auto before = node_->journal()->summarize()->last;
  const auto done =
      with_module({"send", url_, "account/ada", "Withdraw", R"({"amount": 15})", "--dry-run", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto out = objects(done.out).at(0);
  EXPECT_EQ(out.at("dry_run"), true);
  EXPECT_EQ(out.at("events").at(0).at("id"), "account/ada@5");
  EXPECT_EQ(out.at("events").at(0).at("payload"), json({{"amount", 15}}));
  EXPECT_EQ(out.at("reply").at("payload"), json({{"amount", 25}}));
  EXPECT_EQ(out.at("changes"), json::array({{{"path", "/balance"}, {"before", 40}, {"after", 25}}}));
  const auto no = with_module({"send", url_, "account/ada", "Withdraw", R"({"amount": 41})", "--dry-run"});
  EXPECT_EQ(no.code, 1);
  EXPECT_TRUE(has(no.out, "rejected  insufficient_funds")) << no.out;
  EXPECT_EQ(node_->journal()->summarize()->last, before);
  EXPECT_EQ(ask("ada", bank::DepositT{.amount = 1}).value().amount, 41) << "the writer is still the owner";
}

TEST_P(tried, sending_needs_a_journal_of_ones_own) {
  const auto done = with_module({"send", url_, "account/ada", "Open", R"({"owner": "ada"})"});
  if (GetParam().name == "nats") {
    EXPECT_EQ(done.code, 2);
    EXPECT_TRUE(has(done.err, "--dry-run")) << done.err;
  } else {
    EXPECT_EQ(done.code, 3);
    EXPECT_TRUE(has(done.err, "process " + std::to_string(::getpid()))) << done.err;
  }
}

INSTANTIATE_TEST_SUITE_P(journals, tried, testing::Values(embedded, jetstream),
                         [](const auto& which) { return which.param.name; });

TEST_F(sent, is_done_once) {
  const auto id = runtime::new_command_id().hex();
  const auto done = send("bank.Deposit", R"({"amount": 5})", {"--command-id", id, "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto out = objects(done.out).at(0);
  EXPECT_EQ(out.at("accepted"), true);
  EXPECT_EQ(out.at("repeat"), false);
  EXPECT_EQ(out.at("events").at(0).at("payload"), json({{"amount", 5}}));
  EXPECT_EQ(out.at("reply").at("payload"), json({{"amount", 45}}));

  const auto again = send("bank.Deposit", R"({"amount": 5})", {"--command-id", id, "--json"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(objects(again.out).at(0).at("repeat"), true);
  EXPECT_EQ(objects(again.out).at(0).at("events"), out.at("events"));
  const auto tried = send("bank.Deposit", R"({"amount": 5})", {"--command-id", id, "--dry-run"});
  EXPECT_TRUE(has(tried.out, "a repeat")) << tried.out << tried.err;

  const auto text = send("Close", "{}");
  EXPECT_EQ(text.code, 1);
  EXPECT_TRUE(has(text.out, "rejected  not_empty")) << text.out;
  open();
  EXPECT_EQ(node_->read<samples::account>("ada").get().value()->balance, 45);
}

TEST_F(sent, json_that_does_not_fit_names_the_field_and_lists_them) {
  const auto unknown = send("Deposit", R"({"amuont": 5})");
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(has(unknown.err, "amuont")) << unknown.err;
  EXPECT_TRUE(has(unknown.err, "bank.Deposit has the fields: amount long")) << unknown.err;
  const auto typed = send("Deposit", R"({"amount": "much"})");
  EXPECT_EQ(typed.code, 2);
  EXPECT_TRUE(has(typed.err, R"(field amount: "much" does not fit)")) << typed.err;
  EXPECT_EQ(send("Deposit", "5").code, 2);
  EXPECT_EQ(send("Deposit", "{amount: 5}").code, 2) << "what is no JSON is not guessed at";
  const auto missing = send("Transfer", R"({"amount": 5})");
  EXPECT_EQ(missing.code, 2);
  EXPECT_TRUE(has(missing.err, "to string required")) << missing.err;
  const auto command = send("Steal", "{}");
  EXPECT_EQ(command.code, 2);
  EXPECT_TRUE(has(command.err, "bank.Withdraw")) << command.err;
  EXPECT_EQ(send("Deposit", R"({"amount": 5})", {"--command-id", "17"}).code, 2);
}

TEST_F(sent, checkpoints_of_another_journal_are_not_thrown_away) {
  const temporary_directory other;
  options how;
  how.directory = other.path();
  how.log.level = log_level::off;
  ASSERT_TRUE(runtime::open(samples::bank_domain(), how));
  const auto done = send("Deposit", R"({"amount": 5})", {"--directory", other.path().string()});
  EXPECT_EQ(done.code, 2);
  EXPECT_TRUE(has(done.err, "belong to another journal")) << done.err;
}

}  // namespace
}  // namespace quipu::test
