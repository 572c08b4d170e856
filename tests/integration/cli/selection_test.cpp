// Which events cat shows, and in which order.
#include "journal_for_cli.hpp"

namespace quipu::test {
namespace {

using texts = std::vector<std::string>;

class selected_events : public journal_for_cli {
 protected:
  /// Record 1: a claim; 2: two events of "rent" at written_us; 3: "food", a second later; 4: "rent", a day later.
  selected_events() {
    claim(partition_of("rent"), 1, "a test");
    append({.entity_key = "rent",
            .events = {R"({"text":"January","amount":-900})", R"({"text":"February","amount":5})"},
            .reply = R"({"amount":-895})"});
    append({.entity_key = "food",
            .events = {R"({"text":"bread","amount":7})"},
            .time_us = written_us + 1'000'000,
            .command = {3, 0xabc}});
    append({.entity_key = "rent",
            .first_sequence = 3,
            .events = {R"({"amount":100})"},
            .time_us = written_us + 86'400'000'000});
  }

  texts positions(std::vector<std::string> more) const {
    more.emplace_back("--json");
    const auto done = cat(std::move(more));
    EXPECT_EQ(done.code, 0) << done.err;
    return values(json_lines(done.out), "position");
  }
};

TEST_F(selected_events, end_with_a_record_a_position_or_a_time) {
  EXPECT_EQ(positions({"--to", "2"}), (texts{"2:0", "2:1"}));
  EXPECT_EQ(positions({"--to", "2:0"}), (texts{"2:0"}));
  EXPECT_EQ(positions({"--to", "2026-01-02"}), (texts{"2:0", "2:1", "3:0"}));
  EXPECT_EQ(positions({"--to", "2026-01-02T03:04:05"}), (texts{"2:0", "2:1"}));
  EXPECT_EQ(positions({"--to", "2026-01-02T03:04:05.000005"}), texts{});
  EXPECT_EQ(positions({"--from", "2026-01-02T03:04:06", "--to", "2026-01-02T03:04:06"}), (texts{"3:0"}));
  EXPECT_EQ(positions({"--from", "2026-01-03"}), (texts{"4:0"}));
  EXPECT_EQ(positions({"--from", "2:1", "--to", "2026-01-02T03:04:05"}), (texts{"2:1"}));
  EXPECT_EQ(positions({"--from", "4", "--to", "2"}), texts{});
}

TEST_F(selected_events, come_by_their_command) {
  EXPECT_EQ(positions({"--command-id", "00000000000000030000000000000ABC"}), (texts{"3:0"}));
  const auto none = cat({"--command-id", std::string(32, 'f')});
  EXPECT_EQ(none.code, 0);
  EXPECT_EQ(none.err, "quipu: no event of the command " + std::string(32, 'f') + "\n");
}

TEST_F(selected_events, come_by_the_fields_of_their_payload) {
  EXPECT_EQ(positions({"--where", "/amount >= 5"}), (texts{"2:1", "3:0", "4:0"}));
  EXPECT_EQ(positions({"--where", "/amount >= 5", "--where", "/amount < 100"}), (texts{"2:1", "3:0"}));
  EXPECT_EQ(positions({"--where", R"(/text == "bread")"}), (texts{"3:0"}));
  EXPECT_EQ(positions({"--where", "/text", "--entity", "ledger/rent"}), (texts{"2:0", "2:1"}));
  EXPECT_EQ(cat({"--where", "/amount > 1000"}).err, "quipu: no event where /amount > 1000\n");
}

TEST_F(selected_events, that_nobody_can_decode_are_passed_over_aloud) {
  append_event("rent", {{"ledger.Strange", {1, 2}}, as_bytes("1234")});
  const auto done = cat({"--type", "ledger.Strange", "--where", "/amount > 1"});
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(done.err.find("quipu: the event at 5:0: the journal has no schema"), 0U) << done.err;
  EXPECT_NE(done.err.find("--where passes over it"), std::string::npos) << done.err;
}

TEST_F(selected_events, come_backwards) {
  EXPECT_EQ(positions({"--reverse"}), (texts{"4:0", "3:0", "2:1", "2:0"}));
  EXPECT_EQ(positions({"--reverse", "--limit", "3"}), (texts{"4:0", "3:0", "2:1"}));
  EXPECT_EQ(positions({"--reverse", "--entity", "ledger/rent", "--to", "3"}), (texts{"2:1", "2:0"}));
  EXPECT_EQ(positions({"--reverse", "--from", "2:1", "--to", "3"}), (texts{"3:0", "2:1"}));
}

TEST_F(selected_events, come_backwards_however_many_there_are) {
  texts expected{"4:0", "3:0", "2:1", "2:0"};
  for (std::uint64_t i = 0; i < 200; ++i) {
    append({.entity_key = "rent", .first_sequence = 4 + i, .events = {"{}"}});
    expected.insert(expected.begin(), std::to_string(5 + i) + ":0");
  }
  EXPECT_EQ(positions({"--reverse"}), expected);
}

TEST_F(selected_events, are_shown_raw) {
  const auto line = cat({"--raw", "--from", "4"});
  const auto payload = hex_of(noted(R"({"amount":100})"));
  EXPECT_EQ(line.out,
            "4:0  2026-01-03T03:04:05.000006Z  ledger/rent@3  ledger.Noted  bytes " + payload + "\n");
  const auto event = json_lines(cat({"--raw", "--json", "--from", "2:1"}).out).at(0);
  EXPECT_FALSE(event.contains("payload"));
  EXPECT_EQ(event.at("payload_bytes"), hex_of(noted(R"({"text":"February","amount":5})")));
  EXPECT_EQ(event.at("reply").at("payload_bytes").get<std::string>().size() % 2, 0U);
}

TEST_F(selected_events, that_are_asked_for_wrongly_are_wrong_usage) {
  struct wrong_choice {
    texts given;
    std::string says;
  };
  for (const auto& [given, says] : std::vector<wrong_choice>{
           {{"--to", "yesterday"}, "--to yesterday: write a record's number, a position or a time"},
           {{"--from", "2026-02-30"}, "--from 2026-02-30"},
           {{"--command-id", "12"}, "--command-id 12: write 32 hexadecimal digits"},
           {{"--where", "/amount => 1"}, "--where /amount => 1: at character 9 (\"=> 1\") a comparison"},
           {{"--where", ""}, "--where"},
           {{"--where", "/text == rent"}, "in double quotes"}}) {
    const auto done = cat(given);
    EXPECT_EQ(done.code, 2) << says;
    EXPECT_EQ(done.out, "");
    EXPECT_EQ(lines_of(done.err).size(), done.err.find("--help") == std::string::npos ? 1U : 2U) << done.err;
    EXPECT_NE(done.err.find(says), std::string::npos) << done.err;
  }
}

}  // namespace
}  // namespace quipu::test
