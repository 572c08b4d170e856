// What servers say, and what it means.
#include "jetstream/api.hpp"
#include "jetstream/delivery.hpp"

#include <gtest/gtest.h>

namespace quipu::journal::jetstream {
namespace {

ack ack_of(std::string_view text, std::string_view status = {}) {
  incoming arrived;
  arrived.status = status;
  arrived.data = as_bytes(text);
  return read_ack(std::cref(arrived));
}

append_status verdict(int code, std::string_view description = "why") {
  return ack_of(json{{"error", {{"code", 400}, {"err_code", code}, {"description", description}}}}.dump())
      .outcome.status;
}

TEST(jetstream_ack, tells_where_a_record_is) {
  const auto got = ack_of(R"({"stream":"bank","seq":17})");
  EXPECT_EQ(got.outcome.status, append_status::appended);
  EXPECT_EQ(got.outcome.number, 17U);
}

// Every code that is told apart, and those that must never be taken for a verdict.
TEST(jetstream_ack, error_codes) {
  struct row {
    api_error code;
    append_status means;
  };
  for (const auto& [code, means] :
       std::initializer_list<row>{{api_error::account_resources, append_status::refused},
                                  {api_error::cluster_not_available, append_status::unknown},
                                  {api_error::consumer_not_found, append_status::unknown},
                                  {api_error::insufficient_resources, append_status::unknown},
                                  {api_error::no_message, append_status::unknown},
                                  {api_error::not_enabled_for_account, append_status::unknown},
                                  {api_error::out_of_storage, append_status::refused},
                                  {api_error::message_too_large, append_status::refused},
                                  {api_error::stream_name_in_use, append_status::unknown},
                                  {api_error::stream_not_found, append_status::unknown},
                                  {api_error::stream_mismatch, append_status::refused},
                                  {api_error::subjects_overlap, append_status::unknown},
                                  {api_error::wrong_last_sequence, append_status::fenced},
                                  {api_error::store_failed, append_status::refused},
                                  {api_error::header_too_large, append_status::refused},
                                  {api_error::sealed, append_status::refused},
                                  {api_error::stream_offline, append_status::unknown},
                                  {api_error::duplicate_in_flight, append_status::unknown},
                                  {api_error::wrong_last_sequence_constant, append_status::fenced}}) {
    EXPECT_EQ(verdict(static_cast<int>(code)), means) << static_cast<int>(code);
  }
  EXPECT_EQ(verdict(0), append_status::unknown);
  EXPECT_EQ(verdict(12345), append_status::unknown);
}

TEST(jetstream_ack, a_conflict_may_name_the_last_record) {
  const auto conflict = [](std::string_view description) {
    return ack_of(json{{"error", {{"code", 400}, {"err_code", 10071}, {"description", description}}}}.dump())
        .actual;
  };
  EXPECT_EQ(conflict("wrong last sequence: 17"), 17U);
  EXPECT_EQ(conflict("wrong last sequence: 0"), 0U);
  EXPECT_EQ(conflict("wrong last sequence"), std::nullopt);
  EXPECT_EQ(conflict("wrong last sequence: x"), std::nullopt);
  EXPECT_EQ(conflict("wrong last sequence: 17 or so"), std::nullopt);
  EXPECT_EQ(conflict(""), std::nullopt);
}

TEST(jetstream_ack, the_reason_has_the_servers_words_and_the_code) {
  const auto got =
      ack_of(R"({"error":{"code":400,"err_code":10054,"description":"message size exceeds maximum"}})");
  EXPECT_EQ(got.outcome.reason, "message size exceeds maximum (10054)");
}

TEST(jetstream_ack, a_repeat_says_nothing_of_the_place) {
  EXPECT_EQ(ack_of(R"({"stream":"bank","seq":17,"duplicate":true})").outcome.status, append_status::fenced);
  EXPECT_EQ(ack_of(R"({"stream":"bank","seq":0,"duplicate":true})").outcome.status, append_status::unknown);
  EXPECT_EQ(ack_of(R"({"stream":"bank","seq":0})").outcome.status, append_status::unknown);
  EXPECT_EQ(ack_of(R"({"stream":"bank"})").outcome.status, append_status::unknown);
  EXPECT_EQ(ack_of(R"({"stream":"bank","seq":-1})").outcome.status, append_status::unknown);
  EXPECT_EQ(ack_of(R"({"stream":"bank","seq":"17"})").outcome.status, append_status::unknown);
}

TEST(jetstream_ack, what_is_no_answer_is_unknown) {
  EXPECT_EQ(ack_of("", "503").outcome.status, append_status::unknown);
  EXPECT_NE(ack_of("", "503").outcome.reason.find("503"), std::string::npos);
  for (const std::string_view text : {"", "{", "[]", "null", "17", "\"seq\"", "\xff\xfe", R"({"seq":1)"})
    EXPECT_EQ(ack_of(text).outcome.status, append_status::unknown) << text;
}

TEST(jetstream_ack, a_lost_link_is_unknown_once_it_was_sent) {
  EXPECT_EQ(read_ack(std::unexpected(no_answer{.was_sent = true, .why = "x"})).outcome.status,
            append_status::unknown);
  EXPECT_EQ(read_ack(std::unexpected(no_answer{.was_sent = false, .why = "x"})).outcome.status,
            append_status::unavailable);
}

TEST(jetstream_delivery, both_forms_are_read) {
  const auto old = read_delivery("$JS.ACK.bank.abc-1-2.1.170.17.1700000000000000000.5");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->consumer, "abc-1-2");
  EXPECT_EQ(old->stream_sequence, 170U);
  EXPECT_EQ(old->consumer_sequence, 17U);
  for (const std::string_view text :
       {"$JS.ACK.hub.ACCHASH.bank.abc-1-2.1.170.17.1700000000000000000.5",
        "$JS.ACK._.ACCHASH.bank.abc-1-2.1.170.17.1700000000000000000.5.random"}) {
    const auto young = read_delivery(text);
    ASSERT_TRUE(young) << text;
    EXPECT_EQ(young->consumer, "abc-1-2");
    EXPECT_EQ(young->stream_sequence, 170U);
    EXPECT_EQ(young->consumer_sequence, 17U);
  }
}

TEST(jetstream_delivery, anything_else_is_none) {
  for (const std::string_view text :
       {"", "$JS.ACK.", "$JS.ACK", "_INBOX.x.1", "$JS.ACK.bank.c.1.170.17.1700000000000000000",
        "$JS.ACK.bank.c.1.x.17.1.5", "$JS.ACK.bank.c.1.0.17.1.5", "$JS.ACK.bank.c.1.170.0.1.5",
        "$JS.ACK.bank.c.1.-1.17.1.5", "$JS.ACK.bank.c.1.99999999999999999999.17.1.5", "........"})
    EXPECT_FALSE(read_delivery(text)) << text;
}

std::string message(std::string_view data) {
  return json{{"message", {{"subject", "bank.p.3"}, {"seq", 17}, {"data", data}}}}.dump();
}

TEST(jetstream_message, base64_is_decoded_and_aligned) {
  struct row {
    std::string_view encoded;
    std::string_view decoded;
  };
  for (const auto& [encoded, decoded] : std::initializer_list<row>{{"", ""},
                                                                   {"Zg==", "f"},
                                                                   {"Zm8=", "fo"},
                                                                   {"Zm9v", "foo"},
                                                                   {"Zm9vYg==", "foob"},
                                                                   {"+/+/", "\xfb\xff\xbf"}}) {
    const auto got = read_message(message(encoded));
    ASSERT_TRUE(got) << got.error().text;
    ASSERT_TRUE(*got);
    EXPECT_EQ((*got)->subject, "bank.p.3");
    EXPECT_EQ((*got)->number, 17U);
    EXPECT_EQ(as_text((*got)->data), decoded);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>((*got)->data.data()) % 8, 0U);
  }
  EXPECT_TRUE((*read_message(R"({"message":{"subject":"bank.p.3","seq":17}})"))->data.empty());
}

TEST(jetstream_message, ill_formed_base64_is_an_error) {
  for (const std::string_view encoded :
       {"Z", "Zg", "Zg=", "Zm9v!", "Zm9*", "====", "Zm9vY===", "Z=g=", "-_-_", "Zm9v\nZg="}) {
    const auto got = read_message(message(encoded));
    ASSERT_FALSE(got) << encoded;
    EXPECT_EQ(got.error().kind, failure_kind::corrupt);
  }
}

TEST(jetstream_message, none_and_no_stream_and_trouble_are_told_apart) {
  const auto error = [](int status, int code) {
    return json{{"error", {{"code", status}, {"err_code", code}, {"description", "why"}}}}.dump();
  };
  const auto none = read_message(error(404, 10037));
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  EXPECT_EQ(read_message(error(404, 10059)).error().kind, failure_kind::not_found);
  EXPECT_EQ(read_message(error(503, 10008)).error().kind, failure_kind::unavailable);
  EXPECT_EQ(read_message(error(500, 0)).error().kind, failure_kind::unavailable);
}

TEST(jetstream_subjects, are_read_with_their_counts) {
  const auto of = [](std::string_view text) { return read_subjects(json::parse(text)); };
  const auto got = of(R"({"state":{"subjects":{"bank.p.0":3,"bank.p.1":18446744073709551615}}})");
  ASSERT_TRUE(got) << got.error().text;
  ASSERT_EQ(got->size(), 2U);
  EXPECT_EQ((*got)[0], (std::pair<std::string, std::uint64_t>("bank.p.0", 3)));
  EXPECT_EQ((*got)[1].second, UINT64_MAX);
  EXPECT_TRUE(of(R"({"state":{}})").value().empty());
  EXPECT_TRUE(of(R"({"state":{"subjects":null}})").value().empty());
  for (const std::string_view odd :
       {"null", "[]", "{}", R"({"state":null})", R"({"state":[]})", R"({"state":{"subjects":[]}})",
        R"({"state":{"subjects":"x"}})", R"({"state":{"subjects":{"a":"3"}}})",
        R"({"state":{"subjects":{"a":-3}}})", R"({"state":{"subjects":{"a":1.5}}})",
        R"({"state":{"subjects":{"a":null}}})"}) {
    const auto read = of(odd);
    ASSERT_FALSE(read) << odd;
    EXPECT_EQ(read.error().code, error_code::server_odd_answer) << odd;
  }
}

TEST(jetstream_message, garbage_is_an_error) {
  for (const std::string_view text :
       {"", "{}", "[]", R"({"message":17})", R"({"message":null})", "\xff", "{\"message\":{"})
    EXPECT_EQ(read_message(text).error().kind, failure_kind::corrupt) << text;
}

}  // namespace
}  // namespace quipu::journal::jetstream
