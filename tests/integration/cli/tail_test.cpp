// Events as they come, beside the writer.
#include <csignal>
#include <future>

#include "journal_for_cli.hpp"

namespace quipu::test {
namespace {

using texts = std::vector<std::string>;

class journal_tail : public journal_for_cli {
 protected:
  texts tail(texts more) const {
    more.insert(more.begin(), {"journal", "tail", url_});
    return command(std::move(more));
  }
  void append_amount(const std::string& key, std::uint64_t sequence, int amount) {
    append({.entity_key = key,
            .first_sequence = sequence,
            .events = {R"({"amount":)" + std::to_string(amount) + "}"}});
  }
  /// Four events of the past of which it takes two, and one of three that come.
  void expect_selection(texts more) {
    for (std::uint64_t i = 1; i <= 4; ++i) append_amount("rent", i, static_cast<int>(i));
    more.insert(more.end(), {"--json", "--entity", "ledger/rent", "--where", "/amount > 2", "--limit", "3"});
    process program(tail(more));
    ASSERT_EQ(nlohmann::json::parse(program.read_line().value()).at("sequence"), 3);
    ASSERT_EQ(nlohmann::json::parse(program.read_line().value()).at("sequence"), 4);
    append_amount("food", 1, 100);
    append_amount("rent", 5, -1);
    append_amount("rent", 6, 6);
    const auto done = program.wait();
    EXPECT_EQ(done.code, 0) << done.err;
    const auto rest = json_lines(done.out);
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].at("payload"), nlohmann::json({{"amount", 6}}));
  }
};

TEST_F(journal_tail, prints_events_as_they_come) {
  append_amount("rent", 1, 1);
  append_amount("rent", 2, 2);
  process program(tail({"--last", "1"}));
  EXPECT_EQ(program.read_line(),
            R"(2:0  2026-01-02T03:04:05.000006Z  ledger/rent@2  ledger.Noted  {"amount": 2})");
  for (std::uint64_t i = 3; i < 6; ++i) {
    append_amount("rent", i, static_cast<int>(i));
    EXPECT_EQ(program.read_line(), std::to_string(i) + ":0  2026-01-02T03:04:05.000006Z  ledger/rent@" +
                                       std::to_string(i) +
                                       "  ledger.Noted  {\"amount\": " + std::to_string(i) + "}");
  }
  program.signal(SIGINT);
  const auto done = program.wait();
  EXPECT_EQ(done.signal, SIGINT);
  EXPECT_EQ(done.out + done.err, "");
}

TEST_F(journal_tail, selects_of_the_last_events_and_of_what_comes) { expect_selection({"--last", "2"}); }
TEST_F(journal_tail, selects_from_a_position_on) { expect_selection({"--from", "2:0"}); }
TEST_F(journal_tail, selects_from_a_time_on) { expect_selection({"--from", "2026-01-02"}); }

TEST_F(journal_tail, of_an_empty_journal_waits_for_the_first_event) {
  process program(tail({"--from", "1", "--limit", "1", "--json"}));
  append_amount("rent", 1, 1);
  const auto done = program.wait();
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(values(json_lines(done.out), "id"), (texts{"ledger/rent@1"}));
}

TEST_F(journal_tail, ends_when_nobody_reads_though_nothing_comes) {
  append_amount("rent", 1, 1);
  process program(tail({"--last", "1"}));
  ASSERT_TRUE(program.read_line());
  program.close_output();
  const auto done = program.wait();
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.err, "");
}

TEST_F(journal_tail, names_damage_and_goes_on) {
  append_amount("rent", 1, 1);
  process program(tail({"--last", "1", "--limit", "2", "--json"}));
  ASSERT_TRUE(program.read_line());
  append_raw(partition_of("rent"), std::make_shared<bytes>(64, std::uint8_t{7}));
  append_amount("rent", 3, 3);
  const auto done = program.wait();
  EXPECT_EQ(done.code, 1);
  EXPECT_EQ(values(json_lines(done.out), "position"), (texts{"3:0"}));
  EXPECT_EQ(done.err.find("quipu: record 2 of partition"), 0U) << done.err;
  EXPECT_EQ(lines_of(done.err).size(), 1U) << done.err;
}

TEST_F(journal_tail, decodes_with_schemas_that_come_later) {
  const auto url = "lmdb:" + (directory_ / "late").string();
  const auto late = journal::open_or_create(url, {.partitions = 1}).value();
  record_number last = 0;
  const auto append_to_late = [&](const id128& schema) {
    const auto payload = noted(R"({"amount":1})");
    const journal::typed_bytes event{{"ledger.Noted", schema}, payload};
    journal::batch_builder builder;
    builder.add({.category = "ledger", .key = "x", .first_sequence = last + 1, .events = {&event, 1}});
    std::promise<record_number> number;
    late->append(0, last, builder.seal(stamp(0)),
                 [&](journal::append_result result) { number.set_value(result.number); });
    last = number.get_future().get();
  };
  append_to_late({1, 2});
  process program(command({"journal", "tail", url, "--last", "1", "--limit", "2", "--json"}));
  ASSERT_TRUE(nlohmann::json::parse(program.read_line().value()).at("payload").is_null());
  const auto known = journal_->schemas().value();
  ASSERT_TRUE(late->put_schema(known.at(0)));
  append_to_late(known.at(0).hash);
  const auto done = program.wait();
  EXPECT_EQ(json_lines(done.out).at(0).at("payload"), nlohmann::json({{"amount", 1}}));
}

TEST_F(journal_tail, takes_one_beginning) {
  for (const texts& more : {texts{"--last", "1", "--from", "2"}, texts{"--last", "0"}, texts{"--to", "3"}}) {
    const auto done = run(tail(more));
    EXPECT_EQ(done.code, 2) << more[0];
    EXPECT_NE(done.err.find(more[0]), std::string::npos) << done.err;
  }
}

}  // namespace
}  // namespace quipu::test
