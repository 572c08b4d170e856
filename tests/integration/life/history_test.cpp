#include "bank_of_lives.hpp"

namespace quipu::test {
namespace {

using history = on_both;
class history_of_one : public bank_of_lives {
 protected:
  history_of_one() { use(embedded); }
};

TEST_P(history, shows_a_life_with_its_states_beside_the_live_writer) {
  write_a_life("ada");
  ask("bob", bank::OpenT{.owner = "bob"});
  const auto done = with_module({"journal", "history", url_, "account/ada", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto life = objects(done.out);
  ASSERT_EQ(life.size(), 4U);
  EXPECT_EQ(life[0].at("since_us"), nullptr);
  EXPECT_GE(life[1].at("since_us").get<std::int64_t>(), 0);
  EXPECT_EQ(life[0].at("events").at(0).at("type"), "bank.Opened");
  EXPECT_EQ(life[0].at("state"), json({{"owner", "ada"}, {"balance", 0}}));
  EXPECT_EQ(life[2].at("state"), json({{"owner", "ada"}, {"balance", 70}}));
  EXPECT_EQ(life[2].at("events").at(0).at("changes"),
            json::array({{{"path", "/balance"}, {"before", 20}, {"after", 70}}}));
  EXPECT_EQ(life[2].at("headers"), json({{"tenant", "acme"}}));
  EXPECT_EQ(life[2].at("reply").at("payload"), json({{"amount", 70}}));
  EXPECT_EQ(life[3].at("state").at("balance"), 40);
  EXPECT_FALSE(life[3].contains("state_certain"));

  const auto text = with_module({"journal", "history", url_, "account/ada"});
  ASSERT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(has(text.out, "\n  @3  bank.Deposited  {\"amount\": 50}\n      /balance 20 -> 70\n"))
      << text.out;
  EXPECT_TRUE(has(text.out, "\n  reply  bank.Balance  {\"amount\": 40}\n")) << text.out;
  EXPECT_TRUE(has(text.out, "\n  state  {\"owner\":\"ada\",\"balance\":40}\n")) << text.out;
  EXPECT_TRUE(has(text.out, "headers {\"tenant\":\"acme\"}")) << text.out;

  const auto plain = quipu({"journal", "history", url_, "account/ada", "--limit", "2"});
  ASSERT_EQ(plain.code, 0) << plain.err;
  EXPECT_TRUE(has(plain.out, "bank.Deposited")) << plain.out;
  EXPECT_FALSE(has(plain.out, "state")) << plain.out;
  EXPECT_FALSE(has(plain.out, "@3")) << plain.out;
}

TEST_P(history, shows_the_state_at_a_position_and_at_a_time) {
  write_a_life("ada");
  const auto life = objects(quipu({"journal", "history", url_, "account/ada", "--json"}).out);
  const auto at = [&](const std::string& where) {
    const auto done = with_module({"journal", "history", url_, "account/ada", "--json", "--at", where});
    EXPECT_EQ(done.code, 0) << done.err;
    return done.out.empty() ? json() : objects(done.out).at(0);
  };
  const auto second = life.at(1).at("position").get<std::string>();
  EXPECT_EQ(at(second).at("state").at("balance"), 20);
  EXPECT_EQ(at(second).at("sequence"), 2);
  EXPECT_EQ(at(life.at(2).at("position").get<std::string>()).at("state").at("balance"), 70);
  EXPECT_EQ(at("281474976710655").at("state").at("balance"), 40);
  EXPECT_EQ(at(life.at(3).at("time").get<std::string>()).at("state").at("balance"), 40);
  const auto before = with_module({"journal", "history", url_, "account/ada", "--at", "2001-02-03T04:05"});
  EXPECT_EQ(before.out, "");
  EXPECT_TRUE(has(before.err, "no event of account/ada up to 2001-02-03T04:05")) << before.err;
}

INSTANTIATE_TEST_SUITE_P(journals, history, testing::Values(embedded, jetstream),
                         [](const auto& which) { return which.param.name; });

TEST_F(history_of_one, goes_on_when_the_entity_begins_again) {
  open();
  ask("ada", bank::OpenT{.owner = "ada"});
  ask("ada", bank::CloseT{});
  ask("ada", bank::OpenT{.owner = "eve"});
  const auto life = objects(with_module({"journal", "history", url_, "account/ada", "--json"}).out);
  ASSERT_EQ(life.size(), 3U);
  EXPECT_EQ(life[1].at("ended"), true);
  EXPECT_EQ(life[1].at("state"), nullptr);
  EXPECT_FALSE(life[1].contains("state_error"));
  EXPECT_EQ(life[2].at("state").at("owner"), "eve");
  EXPECT_EQ(life[2].at("events").at(0).at("sequence"), 3);
}

TEST_F(history_of_one, marks_a_state_behind_a_damaged_record_until_the_entity_begins_anew) {
  open();
  write_a_life("ada");
  close();
  const auto lost = event(bank::DepositedT{.amount = 100});
  const auto known = event(bank::DepositedT{.amount = 1});
  const auto end = event(bank::ClosedT{});
  const auto begun = event(bank::OpenedT{.owner = "eve"});
  const auto number = append(
      {.category = "account", .key = "ada", .first_sequence = 5, .time_us = 5, .events = {&lost, 1}}, true);
  // What follows a damaged record is put behind a sound one by hand: no runtime would serve this journal.
  const auto after = [&](std::uint64_t sequence, const journal::typed_bytes& what, bool ended, bool expiry) {
    journal::commit commit{.category = "account", .key = "ada", .first_sequence = sequence, .time_us = 6};
    commit.ended = ended;
    commit.after_expiry = expiry;
    commit.events = {&what, 1};
    append(commit);
  };
  after(6, known, false, false);
  after(7, end, true, false);
  after(8, begun, false, false);
  const auto done = with_module({"journal", "history", url_, "account/ada", "--json"});
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(has(done.err, "record " + std::to_string(number))) << done.err;
  EXPECT_TRUE(has(done.err, "event 5 of it could not be read")) << done.err;
  const auto life = objects(done.out);
  ASSERT_EQ(life.size(), 7U);
  EXPECT_FALSE(life[3].contains("state_certain"));
  EXPECT_EQ(life[4].at("state").at("balance"), 41);
  EXPECT_EQ(life[4].at("state_certain"), false);
  EXPECT_FALSE(life[6].contains("state_certain"));
  EXPECT_EQ(life[6].at("state").at("owner"), "eve");
}

TEST_F(history_of_one, shows_what_the_module_does_not_know_as_it_is) {
  open();
  write_a_life("ada");
  close();
  const journal::typed_bytes strange{{"bank.Vanished", {7, 7}}, as_bytes("\x1b[31mboo")};
  append({.category = "account", .key = "ada", .first_sequence = 5, .time_us = 5, .events = {&strange, 1}});
  const auto done = with_module({"journal", "history", url_, "account/ada", "--json"});
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(has(done.err, "bank.Vanished")) << done.err;
  const auto last = objects(done.out).back();
  EXPECT_EQ(last.at("state"), nullptr);
  EXPECT_TRUE(has(last.at("state_error").get<std::string>(), "bank.Vanished"));
  EXPECT_EQ(last.at("events").at(0).at("payload_bytes"), "1b5b33316d626f6f");
  EXPECT_EQ(quipu({"journal", "history", url_, "account/ada"}).code, 0)
      << "without the module it is no damage";
}

TEST_F(history_of_one, keeps_hostile_names_and_texts_from_the_terminal) {
  open();
  const std::string key = "\x1b[2Jx\n\xff";
  ask(key, bank::OpenT{.owner = "\x1b]0;owned\x07"});
  const auto done = with_module({"journal", "history", url_, R"(account/\x1b[2Jx\x0a\xff)"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(has(done.out, "bank.Opened")) << done.out;
  EXPECT_FALSE(has(done.out, "\x1b")) << done.out;
  const auto lines =
      objects(with_module({"journal", "history", url_, R"(account/\x1b[2Jx\x0a\xff)", "--json"}).out);
  EXPECT_EQ(lines.at(0).at("state").at("owner"), "\x1b]0;owned\x07");
}

TEST_F(history_of_one, says_what_is_wrong_with_the_arguments) {
  open();
  EXPECT_EQ(quipu({"journal", "history", url_, "ada"}).code, 2);
  const auto stranger = with_module({"journal", "history", url_, "cart/1"});
  EXPECT_EQ(stranger.code, 2);
  EXPECT_TRUE(has(stranger.err, "no --module has entities of the category cart; there is account"))
      << stranger.err;
  const auto blind = quipu({"journal", "history", url_, "account/ada", "--at", "3"});
  EXPECT_EQ(blind.code, 2);
  EXPECT_TRUE(has(blind.err, "--module")) << blind.err;
  EXPECT_EQ(with_module({"journal", "history", url_, "account/ada", "--at", "yesterday"}).code, 2);
  const auto nobody = with_module({"journal", "history", url_, "account/nobody"});
  EXPECT_EQ(nobody.code, 0);
  EXPECT_TRUE(has(nobody.err, "no event of account/nobody")) << nobody.err;
}

}  // namespace
}  // namespace quipu::test
