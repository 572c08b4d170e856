#include "journal_for_cli.hpp"

namespace quipu::test {
namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

class journal_info : public journal_for_cli {
 protected:
  journal_info() {
    auto partition = partition_of("rent");
    claim(partition, 1, "first owner");
    append({.entity_key = "rent",
            .events = {R"({"amount":1})", R"({"amount":2})"},
            .time_us = written_us + 2,
            .reply = R"({"amount":3})"});
    claim(partition, 2, "second owner");
    append_event("rent", {{"ledger.Strange", {1, 2}}, as_bytes("1234")});
  }
};

TEST_F(journal_info, describes_the_journal_for_people) {
  auto done = info();
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.err, "");
  const auto& about = journal_->about();
  auto text = replaced(done.out, url_, "URL");
  text = replaced(text, about.lineage.hex(), "LINEAGE");
  text = replaced(text, about.incarnation.hex(), "INCARNATION");
  text = replaced(text, schema_.hex(), "SCHEMA");
  auto lines = lines_of(text);
  ASSERT_EQ(lines.size(), 21U) << text;
  EXPECT_EQ(lines[0], "journal      URL");
  EXPECT_EQ(lines[1], "lineage      LINEAGE");
  EXPECT_EQ(lines[2], "incarnation  INCARNATION");
  EXPECT_EQ(lines[3].find("created      20"), 0U) << lines[3];
  EXPECT_EQ(lines[3].substr(lines[3].size() - 9), "by a test");
  EXPECT_EQ(lines[4].find("durability   "), 0U) << lines[4];
  EXPECT_EQ(lines[5], "partitions   4");
  EXPECT_EQ(lines[6].find("records      4 (1 to 4), "), 0U) << lines[6];
  EXPECT_EQ(lines[7], "commits      2");
  EXPECT_EQ(lines[8], "events       3");
  EXPECT_EQ(lines[9], "time         2026-01-02T03:04:05.000006Z to 2026-01-02T03:04:05.000008Z");
  EXPECT_EQ(lines[10], "events/s     3.00; in its last minute 3.00, in its last hour 3.00");
  EXPECT_EQ(lines[12], "partitions in use");
  EXPECT_EQ(lines[13],
            "  " + std::to_string(partition_of("rent")) +
                ": 4 records, 3 events, epoch 2 of second owner since 2026-01-02T03:04:05.000006Z");
  EXPECT_EQ(lines[15], "event types");
  EXPECT_EQ(lines[16], "  ledger.Noted: 2, schema SCHEMA");
  EXPECT_EQ(lines[17], "  ledger.Strange: 1, schema 00000000000000010000000000000002 (not in the journal)");
  EXPECT_EQ(lines[19], "schemas");
  EXPECT_EQ(lines[20].find("  SCHEMA: "), 0U);
  EXPECT_NE(lines[20].find(", ledger.Noted, ledger.Total"), std::string::npos) << lines[20];
}

TEST_F(journal_info, describes_the_journal_for_programs) {
  auto done = info({"--json"});
  EXPECT_EQ(done.code, 0);
  ASSERT_EQ(lines_of(done.out).size(), 1U);
  auto got = nlohmann::json::parse(done.out);
  EXPECT_EQ(got.at("url"), nlohmann::json(url_));
  EXPECT_EQ(got.at("lineage"), nlohmann::json(journal_->about().lineage.hex()));
  EXPECT_EQ(got.at("incarnation"), nlohmann::json(journal_->about().incarnation.hex()));
  EXPECT_EQ(got.at("creator"), "a test");
  EXPECT_EQ(got.at("partitions"), 4);
  EXPECT_EQ(got.at("max_record_bytes"), 64 * 1024);
  EXPECT_EQ(got.at("records"), 4);
  EXPECT_EQ(got.at("first_record"), 1);
  EXPECT_EQ(got.at("last_record"), 4);
  EXPECT_EQ(got.at("commits"), 2);
  EXPECT_EQ(got.at("events"), 3);
  EXPECT_EQ(got.at("events_per_second"),
            nlohmann::json({{"first_to_last", 3.0}, {"last_minute", 3.0}, {"last_hour", 3.0}}));
  EXPECT_EQ(got.at("used_partitions"), nlohmann::json::array({{{"partition", partition_of("rent")},
                                                               {"records", 4},
                                                               {"events", 3},
                                                               {"epoch", 2},
                                                               {"owner", "second owner"},
                                                               {"claimed", "2026-01-02T03:04:05.000006Z"}}}));
  EXPECT_EQ(got.at("event_types").at(1), nlohmann::json({{"type", "ledger.Strange"},
                                                         {"events", 1},
                                                         {"schema", "00000000000000010000000000000002"},
                                                         {"schema_stored", false}}));
  EXPECT_EQ(got.at("schemas").at(0).at("tables"), nlohmann::json::array({"ledger.Noted", "ledger.Total"}));
}

TEST_F(journal_info, tells_how_fast_the_journal_grew) {
  append({.entity_key = "rent", .events = {"{}", "{}"}, .time_us = written_us + 7'195'000'000});
  append({.entity_key = "rent", .events = {"{}"}, .time_us = written_us + 7'200'000'000});
  const auto rates = json_lines(info({"--json"}).out).at(0).at("events_per_second");
  EXPECT_EQ(rates.at("first_to_last"), 6.0 / 7200);
  EXPECT_EQ(rates.at("last_minute"), 3.0 / 60);
  EXPECT_EQ(rates.at("last_hour"), 3.0 / 3600);
}

}  // namespace
}  // namespace quipu::test
