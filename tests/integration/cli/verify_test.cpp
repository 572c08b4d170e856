// Every kind of damage is named with its place.
#include <filesystem>

#include "chained_journal.hpp"
#include "support/nats_server.hpp"

namespace quipu::test {
namespace {

using nlohmann::json;

class verified : public chained_journal {
 protected:
  verified() { begin_all(); }  // the records 1 to 4
  explicit verified(std::string url) : chained_journal(std::move(url)) { begin_all(); }

  /// All faults, each without its text; the last line is the summary.
  std::vector<json> faults(const std::vector<std::string>& more = {}) {
    auto words = more;
    words.emplace_back("--json");
    const auto done = verify(words);
    auto lines = json_lines(done.out);
    if (lines.empty()) {
      ADD_FAILURE() << done.err;
      return {};
    }
    summary_ = lines.back();
    lines.pop_back();
    EXPECT_EQ(done.code, lines.empty() ? 0 : 1) << done.out;
    EXPECT_EQ(summary_.at("faults"), lines.size());
    for (auto& line : lines) {
      EXPECT_TRUE(line.contains("what"));
      line.erase("what");
    }
    return lines;
  }
  json at(const char* fault, record_number record, const char* code = nullptr) const {
    json out{{"fault", fault}, {"record", record}, {"partition", rent_}};
    if (code != nullptr) out["code"] = code;
    return out;
  }
  json event(const char* fault, record_number record, std::uint64_t sequence,
             const char* code = nullptr) const {
    auto out = at(fault, record, code);
    out.update(
        json{{"position", std::to_string(record) + ":0"}, {"entity", "ledger/rent"}, {"sequence", sequence}});
    return out;
  }

  using list = std::vector<json>;
  const journal::partition_id rent_ = partition_of("rent");
  json summary_;
};

TEST_F(verified, a_sound_journal_has_no_fault) {
  note("rent", 1);
  auto last = noting("rent", 2);
  last.ended = true;
  put({last});
  note("rent", 3);
  auto again = noting("rent", 4);
  again.after_expiry = true;
  begin(rent_);
  put({again, noting("rent", 5)});
  note("food", 1);
  EXPECT_EQ(faults(), list{});
  EXPECT_EQ(summary_.at("records"), 10);
  EXPECT_EQ(summary_.at("claims"), 5);
  EXPECT_EQ(summary_.at("events"), 6);
  EXPECT_EQ(summary_.at("entities"), 2);
  EXPECT_EQ(summary_.at("complete"), true);
  EXPECT_EQ(faults({"--from", "7", "--to", "8"}), list{});
  EXPECT_EQ(summary_.at("records"), 2);
  const auto text = verify();
  EXPECT_NE(text.out.find("10 records, 6 events of 2 entities"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find(": no fault\n"), std::string::npos) << text.out;
}

TEST_F(verified, an_empty_journal_too) {
  journal_.reset();
  url_ = "lmdb:" + (directory_ / "empty").string();
  ASSERT_EQ(quipu({"journal", "create", url_}).code, 0);
  EXPECT_EQ(faults(), list{});
}

TEST_F(verified, a_changed_byte) {
  note("rent", 1);
  note_damaged("rent", 2);
  note("rent", 3);
  note("rent", 4);
  EXPECT_EQ(faults(), (list{at("record", 6, "record.checksum"), event("sequence", 7, 3)}));
  const auto text = verify();
  EXPECT_EQ(lines_of(text.out).at(1), "record 7 of partition " + std::to_string(rent_) +
                                          ", ledger/rent@3: event 2 is missing before it [sequence]");
  EXPECT_EQ(lines_of(verify({"--limit", "1"}).out).at(1), "… and 1 more: --limit shows them");
  EXPECT_EQ(faults({"--from", "7"}), list{});
}

TEST_F(verified, a_row_that_cannot_be_read) {
  for (std::uint64_t i = 1; i <= 4; ++i) note("rent", i);
  damage_row(6, true);
  const auto found = faults();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (json{{"fault", "unreadable"}, {"record", 6}, {"code", "journal.damaged"}}));
  EXPECT_EQ(found[1], event("sequence", 7, 3));
  EXPECT_EQ(faults({"--from", "7"}), list{});
}

TEST_F(verified, a_record_that_is_missing) {
  for (std::uint64_t i = 1; i <= 4; ++i) note("rent", i);
  damage_row(6, false);
  EXPECT_EQ(faults(), (list{at("chain", 7), event("sequence", 7, 3)}));
}

TEST_F(verified, the_first_record_of_a_partition_is_missing) {
  note("rent", 1);
  note("rent", 2);
  damage_row(rent_ + 1, false);
  const auto found = faults();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0], at("chain", 5));
}

TEST_F(verified, the_last_record_is_missing) {
  note("rent", 1);
  note("rent", 2);
  damage_row(6, false);
  EXPECT_EQ(faults(), (list{json{{"fault", "tail"}, {"partition", rent_}, {"code", "journal.damaged"}}}));
}

TEST_F(verified, a_broken_chain) {
  note("rent", 1);
  note("rent", 2, [](auto& stamp) { stamp.previous = {1, 2}; });
  note("rent", 3);
  EXPECT_EQ(faults(), (list{at("chain", 6)}));
}

TEST_F(verified, an_epoch_that_goes_back) {
  begin(rent_);
  note("rent", 1);
  note("rent", 2, [](auto& stamp) { --stamp.epoch; });
  EXPECT_EQ(faults(), (list{at("epoch", 7)}));
}

TEST_F(verified, an_epoch_that_was_claimed_before_and_one_that_was_not) {
  begin(rent_, [](auto& stamp) { --stamp.epoch; });
  note("rent", 1, [](auto& stamp) { ++stamp.epoch; });
  EXPECT_EQ(faults(), (list{at("epoch", 5), at("claim", 6)}));
}

TEST_F(verified, a_time_that_goes_back) {
  note("rent", 1);
  note("rent", 2, [](auto& stamp) { --stamp.time_us; });
  auto early = noting("rent", 3);
  --early.time_us;
  put({early});
  EXPECT_EQ(faults(), (list{at("time", 6), event("time", 7, 3)}));
}

TEST_F(verified, sequences_with_gaps_and_repeats) {
  note("rent", 1);
  note("rent", 4);
  note("rent", 4);
  note("rent", 5);
  EXPECT_EQ(faults(), (list{event("sequence", 6, 4), event("sequence", 7, 4)}));
}

TEST_F(verified, an_entity_that_does_not_begin_at_its_beginning) {
  note("rent", 3);
  EXPECT_EQ(faults(), (list{event("sequence", 5, 3)}));
  auto expired = noting("food", 1);
  expired.after_expiry = true;
  put({expired});
  EXPECT_EQ(faults({"--from", "6"}), list{});
  EXPECT_EQ(faults().size(), 2U);
}

TEST_F(verified, records_of_another_journal_or_partition) {
  note("rent", 1, [](auto& stamp) { stamp.incarnation = {1, 2}; });
  note("rent", 2, [](auto& stamp) { stamp.partition ^= 1U; });
  EXPECT_EQ(faults(), (list{at("foreign", 5), at("partition", 6)}));
}

TEST_F(verified, an_entity_in_another_partition) {
  const auto other = rent_ ^ 1U;
  link(other, seal(other, {noting("rent", 1)}));
  auto expected = event("partition", 5, 1);
  expected["partition"] = other;
  EXPECT_EQ(faults(), (list{expected}));
}

TEST_F(verified, schemas_that_are_missing_or_other_than_they_are_stored_as) {
  ASSERT_TRUE(journal_->put_schema({{3, 4}, {1, 2, 3}}));
  const journal::typed_bytes missing{{"ledger.Noted", {5, 6}}, payload_};
  auto commit = noting("rent", 1);
  commit.events = {&missing, 1};
  put({commit});
  commit.first_sequence = 2;  // a type is named once
  put({commit});
  const auto found = faults();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].at("fault"), "schema");
  EXPECT_FALSE(found[0].contains("record"));
  EXPECT_EQ(found[1], at("schema", 5));
}

TEST_F(verified, payloads_that_do_not_fit_their_schema) {
  const journal::typed_bytes wrong{{"ledger.Noted", schema_}, as_bytes("no flatbuffer at all")};
  const journal::typed_bytes no_table{{"ledger.Missing", schema_}, payload_};
  auto commit = noting("rent", 1);
  commit.events = {&wrong, 1};
  put({commit});
  commit.first_sequence = 2;
  commit.events = {&no_table, 1};
  put({commit});
  auto with_reply = noting("rent", 3);
  with_reply.has_reply = true;
  with_reply.reply = {{"ledger.Total", schema_}, wrong.payload};
  put({with_reply});
  EXPECT_EQ(faults(),
            (list{event("payload", 5, 1, "schema.payload"), event("payload", 6, 2, "schema.no_table"),
                  event("payload", 7, 3, "schema.payload")}));
}

TEST_F(verified, a_source_that_lies_behind) {
  auto commit = noting("rent", 1);
  commit.source = command_source{.reaction = 1, .at = position::of(9, 0), .index = 0, .settled = {}};
  put({commit});
  EXPECT_EQ(faults(), (list{event("source", 5, 1)}));
}

TEST_F(verified, a_file_that_is_cut_short_is_not_opened) {
  note("rent", 1);
  journal_.reset();
  const auto file = directory_ / "journal" / "data.mdb";
  // Behind its last page it may be empty; within, it is damage.
  std::filesystem::resize_file(file, 8 * 4096);
  const auto done = verify();
  EXPECT_EQ(done.code, 3) << done.out;
  EXPECT_EQ(lines_of(done.err).size(), 1U) << done.err;
  EXPECT_NE(done.err.find("data.mdb"), std::string::npos) << done.err;
}

TEST_F(verified, wrong_usage_and_modules_that_are_none) {
  EXPECT_EQ(verify({"--from", "x"}).code, 2);
  EXPECT_EQ(verify({"--to", "1:x"}).code, 2);
  EXPECT_EQ(verify({"--module", "/dev/null"}).code, 3);
}

TEST_F(verified, hostile_keys_do_not_reach_the_terminal) {
  auto commit = noting("rent", 3);
  const std::string key = "\x1b[31m\n";
  commit.key = key;
  put({commit});
  const auto done = verify();
  EXPECT_EQ(done.out.find('\x1b'), std::string::npos);
  EXPECT_NE(done.out.find(R"(ledger/\x1b[31m\x0a@3)"), std::string::npos) << done.out;
}

/// Base first: the journal is made when the server runs.
struct server_to_verify {
  server_to_verify() { server_.start(); }
  nats_server server_;
};

class verified_on_nats : private server_to_verify, public verified {
 protected:
  verified_on_nats() : verified(server_.url("cli")) {}
  using server_to_verify::server_;
};

TEST_F(verified_on_nats, sound_and_damaged) {
  note("rent", 1);
  EXPECT_EQ(faults(), list{});
  EXPECT_EQ(summary_.at("records"), 5);
  const auto behind = note("rent", 3, [](auto& stamp) { stamp.epoch = 0; });
  const auto broken = note("rent", 4, [](auto& stamp) { stamp.previous = {1, 2}; });
  EXPECT_EQ(faults(), (list{at("epoch", behind), event("sequence", behind, 3), at("chain", broken)}));
  EXPECT_EQ(faults({"--from", std::to_string(broken)}), list{});
  server_.stop();
  EXPECT_EQ(verify().code, 3);
}

}  // namespace
}  // namespace quipu::test
