#include "journal_for_cli.hpp"

namespace quipu::test {
namespace {

using texts = std::vector<std::string>;

class journal_cat : public journal_for_cli {
 protected:
  /// Record 1: a claim; 2: two events of "rent"; 3: one of "food"; 4: the end of "rent".
  void write_three_commits() {
    claim(partition_of("rent"), 1, "a test");
    append({.entity_key = "rent",
            .events = {R"({"text":"January","amount":-900})", R"({"text":"zoë \"quoted\"","amount":5})"},
            .reply = R"({"amount":-895})",
            .headers = {{"tenant", "acme"}, {"raw", "\xff"}, {"tag", "a"}, {"tag", "b"}}});
    append({.entity_key = "food", .events = {R"({"text":"bread"})"}, .time_us = written_us + 1});
    append({.entity_key = "rent",
            .first_sequence = 3,
            .events = {R"({"amount":1})"},
            .time_us = written_us + 1'000'000,
            .ended = true});
  }
};

TEST_F(journal_cat, prints_a_line_an_event) {
  write_three_commits();
  auto done = cat();
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.err, "");
  EXPECT_EQ(
      lines_of(done.out),
      (texts{
          R"(2:0  2026-01-02T03:04:05.000006Z  ledger/rent@1  ledger.Noted  {"text": "January","amount": -900})",
          R"(2:1  2026-01-02T03:04:05.000006Z  ledger/rent@2  ledger.Noted  {"text": "zoë \"quoted\"","amount": 5})",
          R"(3:0  2026-01-02T03:04:05.000007Z  ledger/food@1  ledger.Noted  {"text": "bread","amount": 0})",
          R"(4:0  2026-01-02T03:04:06.000006Z  ledger/rent@3  ledger.Noted  {"amount": 1})"}));
}

TEST_F(journal_cat, prints_everything_that_it_knows_as_json) {
  write_three_commits();
  auto done = cat({"--json"});
  EXPECT_EQ(done.code, 0);
  auto lines = json_lines(done.out);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(
      lines[1],
      nlohmann::json(
          {{"position", "2:1"},
           {"id", "ledger/rent@2"},
           {"category", "ledger"},
           {"key", "rent"},
           {"sequence", 2},
           {"time", "2026-01-02T03:04:05.000006Z"},
           {"partition", partition_of("rent")},
           {"epoch", 1},
           {"command", "00000000000000010000000000000002"},
           {"headers",
            {{"tenant", "acme"}, {"raw", {{"bytes", "ff"}}}, {"tag", nlohmann::json::array({"a", "b"})}}},
           {"type", "ledger.Noted"},
           {"schema", schema_.hex()},
           {"payload", {{"text", "zoë \"quoted\""}, {"amount", 5}}},
           {"reply",
            {{"type", "ledger.Total"}, {"schema", schema_.hex()}, {"payload", {{"amount", -895}}}}}}));
  EXPECT_FALSE(lines[0].contains("reply")) << "the reply stands with the last event of its command";
  EXPECT_FALSE(lines[2].contains("headers"));
  EXPECT_FALSE(lines[2].contains("ended"));
  EXPECT_EQ(lines[3].at("ended"), true);
  // The keys come in the order that the help names.
  EXPECT_EQ(lines_of(done.out)[0].find(
                R"({"position":"2:0","id":"ledger/rent@1","category":"ledger","key":"rent",)"),
            0U);
}

TEST_F(journal_cat, marks_a_beginning_after_expiry) {
  write_three_commits();
  append({.entity_key = "food",
          .first_sequence = 2,
          .events = {R"({"text":"bread"})", R"({"text":"salt"})"},
          .after_expiry = true});
  EXPECT_EQ(
      lines_of(cat({"--from", "5"}).out),
      (texts{
          R"(5:0  2026-01-02T03:04:05.000006Z  ledger/food@2  ledger.Noted  (after expiry)  {"text": "bread","amount": 0})",
          R"(5:1  2026-01-02T03:04:05.000006Z  ledger/food@3  ledger.Noted  {"text": "salt","amount": 0})"}));
  const auto lines = json_lines(cat({"--json"}).out);
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_FALSE(lines[3].contains("after_expiry"));
  EXPECT_EQ(lines[4].at("after_expiry"), true);
  EXPECT_FALSE(lines[5].contains("after_expiry"));
}

TEST_F(journal_cat, says_which_event_a_reactions_command_follows_from) {
  append({.entity_key = "rent",
          .events = {R"({"text":"from afar"})"},
          .source = command_source{0xbeef, position::of(7, 2), 1, position::of(6, 65535)}});
  append({.entity_key = "food", .events = {R"({"text":"bread"})"}});
  const auto lines = json_lines(cat({"--json"}).out);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].at("source"),
            nlohmann::json(
                {{"reaction", "000000000000beef"}, {"at", "7:2"}, {"index", 1}, {"settled", "6:65535"}}));
  EXPECT_FALSE(lines[1].contains("source"));
}

TEST_F(journal_cat, begins_at_a_record_or_a_position) {
  write_three_commits();
  EXPECT_EQ(values(json_lines(cat({"--json", "--from", "3"}).out), "position"), (texts{"3:0", "4:0"}));
  EXPECT_EQ(values(json_lines(cat({"--json", "--from", "2:1"}).out), "position"),
            (texts{"2:1", "3:0", "4:0"}));
  EXPECT_EQ(cat({"--from", "5"}).out, "");
  EXPECT_EQ(cat({"--from", "281474976710655:65535"}).code, 0);
}

TEST_F(journal_cat, selects_by_entity_type_and_limit) {
  write_three_commits();
  append_event("food", {{"ledger.Other", {9, 9}}, as_bytes("12345678")});
  EXPECT_EQ(values(json_lines(cat({"--json", "--entity", "ledger/rent"}).out), "id"),
            (texts{"ledger/rent@1", "ledger/rent@2", "ledger/rent@3"}));
  EXPECT_EQ(values(json_lines(cat({"--json", "--type", "ledger.Other"}).out), "position"), (texts{"5:0"}));
  EXPECT_EQ(values(json_lines(cat({"--json", "--limit", "2"}).out), "position"), (texts{"2:0", "2:1"}));
  EXPECT_EQ(cat({"--limit", "0"}).out, "");
  EXPECT_EQ(cat({"--entity", "ledger/nobody"}).out, "");
}

TEST_F(journal_cat, says_so_when_nothing_is_as_it_was_asked_for) {
  write_three_commits();
  EXPECT_EQ(cat({"--entity", "ledger/Rent"}).err, "quipu: no event of ledger/Rent\n");
  const auto done = cat({"--type", "Noted", "--from", "3"});
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.err, "quipu: no event of the type Noted from 3 on: quipu journal info lists the types\n");
  EXPECT_EQ(cat({"--from", "5"}).err, "") << "nothing new is no mistake";
}

TEST_F(journal_cat, of_an_empty_journal_is_empty) {
  auto done = cat();
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out + done.err, "");
}

TEST_F(journal_cat, shows_bytes_where_there_is_no_schema) {
  append_event("rent", {{"ledger.Strange", {1, 2}}, as_bytes("\x01\x02\x03\xff")});
  auto done = cat();
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out,
            "1:0  2026-01-02T03:04:05.000006Z  ledger/rent@1  ledger.Strange  bytes 010203ff "
            "(the journal has no schema 00000000000000010000000000000002)\n");
  auto line = json_lines(cat({"--json"}).out).at(0);
  EXPECT_TRUE(line.at("payload").is_null());
  EXPECT_EQ(line.at("payload_bytes"), "010203ff");
  EXPECT_EQ(line.at("payload_error"), "the journal has no schema 00000000000000010000000000000002");
}

}  // namespace
}  // namespace quipu::test
