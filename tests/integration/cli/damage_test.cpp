#include "journal_for_cli.hpp"

namespace quipu::test {
namespace {

using texts = std::vector<std::string>;

class damaged_journal : public journal_for_cli {
 protected:
  /// A record of "rent" with one byte changed in its middle.
  record_number append_damaged() {
    auto partition = partition_of("rent");
    auto payload = noted(R"({"text":"lost"})");
    journal::typed_bytes event{{"ledger.Noted", schema_}, payload};
    journal::batch_builder builder;
    builder.add({.category = "ledger", .key = "rent", .first_sequence = 2, .events = {&event, 1}});
    auto record = std::make_shared<bytes>(*builder.seal(stamp(partition)));
    record->at(record->size() / 2) ^= 1U;
    return append_raw(partition, record);
  }
};

TEST_F(damaged_journal, is_read_past_the_damage) {
  append({.entity_key = "rent", .events = {R"({"text":"before"})"}});
  append_damaged();
  append({.entity_key = "rent", .first_sequence = 3, .events = {R"({"text":"behind"})"}});
  auto done = cat({"--json"});
  EXPECT_EQ(done.code, 1);
  EXPECT_EQ(values(json_lines(done.out), "position"), (texts{"1:0", "3:0"}));
  EXPECT_EQ(done.err.find("quipu: record 2 of partition " + std::to_string(partition_of("rent")) + ": "), 0U)
      << done.err;
  EXPECT_EQ(lines_of(done.err).size(), 1U) << done.err;

  auto beyond = cat({"--from", "3"});
  EXPECT_EQ(beyond.code, 0);
  EXPECT_EQ(beyond.err, "");
}

TEST_F(damaged_journal, is_read_behind_what_the_storage_cannot_read) {
  for (std::uint64_t i = 1; i <= 4; ++i) {
    append({.entity_key = "rent", .first_sequence = i, .events = {"{}"}});
  }
  change_row(2, [](std::string& row) { row = "cut"; });
  auto done = cat({"--json"});
  EXPECT_EQ(done.code, 1);
  auto shown = values(json_lines(done.out), "position");
  // Whether record 1 comes too is up to the storage: it reads in pieces.
  if (!shown.empty() && shown.front() == "1:0") shown.erase(shown.begin());
  EXPECT_EQ(shown, (texts{"3:0", "4:0"}));
  EXPECT_NE(done.err.find("record 2 has 3 bytes"), std::string::npos) << done.err;
  EXPECT_EQ(lines_of(done.err).size(), 1U) << done.err;
  EXPECT_EQ(cat({"--from", "3"}).code, 0);
}

TEST_F(damaged_journal, is_read_backwards_past_the_damage) {
  for (std::uint64_t i = 1; i <= 40; ++i) {
    append({.entity_key = "rent", .first_sequence = i, .events = {"{}"}});
    if (i == 20) append_damaged();
  }
  change_row(30, [](std::string& row) { row = "cut"; });
  for (const texts& more : {texts{}, texts{"--entity", "ledger/rent"}}) {
    auto arguments = more;
    arguments.insert(arguments.end(), {"--json", "--reverse"});
    const auto done = cat(arguments);
    EXPECT_EQ(done.code, 1);
    texts expected;
    for (int i = 41; i >= 1; --i)
      if (i != 21 && i != 30) expected.push_back(std::to_string(i) + ":0");
    EXPECT_EQ(values(json_lines(done.out), "position"), expected);
    const auto faults = lines_of(done.err);
    ASSERT_EQ(faults.size(), 2U) << done.err;
    EXPECT_NE(faults[0].find("record 30"), std::string::npos) << "the newest first: " << done.err;
    EXPECT_NE(faults[1].find("record 21"), std::string::npos) << done.err;
  }
}

TEST_F(damaged_journal, is_described_with_the_damage) {
  append_damaged();
  append({.entity_key = "rent", .events = {R"({"text":"behind"})"}});
  auto done = info({"--json"});
  EXPECT_EQ(done.code, 1);
  auto figures = json_lines(done.out).at(0);
  EXPECT_EQ(figures.at("records"), 2);
  EXPECT_EQ(figures.at("damaged_records"), 1);
  EXPECT_EQ(figures.at("events"), 1);
  EXPECT_NE(done.err.find("record 1 of partition"), std::string::npos) << done.err;
}

TEST_F(damaged_journal, shows_a_payload_that_its_schema_does_not_fit_as_bytes) {
  append_event("rent", {{"ledger.Noted", schema_}, as_bytes("no flatbuffer")});
  append_event("rent", {{"ledger.Missing", schema_}, as_bytes("1234")});
  auto done = cat({"--json"});
  EXPECT_EQ(done.code, 1);
  auto lines = json_lines(done.out);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].at("payload_bytes"), "6e6f20666c6174627566666572");
  EXPECT_NE(lines[1].at("payload_error").get<std::string>().find("ledger.Missing"), std::string::npos);
  EXPECT_EQ(done.err.find("quipu: the event at 1:0: "), 0U) << done.err;
}

TEST_F(damaged_journal, names_a_schema_that_is_not_what_it_is_stored_as) {
  ASSERT_TRUE(journal_->put_schema({{3, 4}, {1, 2, 3}}));
  append_event("rent", {{"ledger.Noted", {3, 4}}, noted(R"({"amount":1})")});
  EXPECT_EQ(cat().code, 1);
  auto done = info({"--json"});
  EXPECT_EQ(done.code, 1);
  auto schemas = json_lines(done.out).at(0).at("schemas");
  ASSERT_EQ(schemas.size(), 2U);
  EXPECT_TRUE(schemas[0].contains("damage"));
}

}  // namespace
}  // namespace quipu::test
