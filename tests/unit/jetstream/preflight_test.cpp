// One dangerous setting at a time, and the line that names it and its cure.
#include "jetstream/stream.hpp"

#include <gtest/gtest.h>

namespace quipu::journal::jetstream {
namespace {

settings bank() {
  settings out;
  out.servers = {"nats://here:4222"};
  out.name = "bank";
  return out;
}

const json before_2_11 = json::object();
const json of_2_11{{"api", {{"level", 1}, {"total", 7}}}};

/// What the server would tell of the stream that Quipu makes, and changes to it.
json stream_with(const json& changes) {
  auto config = stream_config(bank(), {});
  config.update(changes);
  return {{"config", std::move(config)}};
}

std::vector<std::string> wrong_with(const json& changes, const settings& where = bank(),
                                    const json& server = before_2_11) {
  return preflight(stream_with(changes), server, where);
}

TEST(jetstream_preflight, a_sound_stream_is_trusted) {
  EXPECT_EQ(wrong_with(json::object()), std::vector<std::string>());
  // What servers of several versions say of the same settings.
  EXPECT_EQ(wrong_with({{"max_age", 0},
                        {"max_bytes", -1},
                        {"max_msgs", -1},
                        {"max_msgs_per_subject", -1},
                        {"max_msg_size", -1},
                        {"compression", "none"},
                        {"consumer_limits", json::object()},
                        {"allow_msg_ttl", false},
                        {"persist_mode", "default"},
                        {"mirror_direct", false},
                        {"sources", json::array()},
                        {"republish", nullptr},
                        {"subjects", {"bank.schema.*", "bank.p.*", "bank.header"}},
                        {"metadata", {{"_nats.level", "0"}}}}),
            std::vector<std::string>());
}

TEST(jetstream_preflight, each_dangerous_setting_has_a_line_with_its_cure) {
  struct row {
    json changes;
    std::vector<std::string_view> says;
  };
  for (const auto& [changes, says] : std::initializer_list<row>{
           {{{"retention", "workqueue"}}, {"retention is \"workqueue\"", "create it anew"}},
           {{{"retention", "interest"}}, {"retention is \"interest\"", "\"limits\""}},
           {{{"storage", "memory"}}, {"storage is \"memory\"", "storage=memory"}},
           {{{"max_age", 1'000'000'000}}, {"max_age is 1000000000", "unlimited"}},
           {{{"max_bytes", 1'000'000}}, {"max_bytes is 1000000", "unlimited"}},
           {{{"max_msgs", 1'000}}, {"max_msgs is 1000", "unlimited"}},
           {{{"max_msgs_per_subject", 1}}, {"max_msgs_per_subject is 1", "unlimited"}},
           {{{"max_msg_size", 1'024}}, {"max_msg_size is 1024", "unlimited"}},
           {{{"subject_delete_marker_ttl", 1'000'000'000}}, {"subject_delete_marker_ttl", "unlimited"}},
           {{{"no_ack", true}}, {"no_ack is set", "Switch it off"}},
           {{{"allow_rollup_hdrs", true}}, {"allow_rollup_hdrs is set", "Switch it off"}},
           {{{"allow_msg_ttl", true}}, {"allow_msg_ttl is set", "Create the stream without it"}},
           {{{"allow_msg_counter", true}}, {"allow_msg_counter is set", "Create it without"}},
           {{{"sealed", true}}, {"sealed", "Create another"}},
           {{{"persist_mode", "async"}}, {"persist_mode is async", "default"}},
           {{{"deny_delete", false}}, {"deny_delete and deny_purge", "deletes=allowed"}},
           {{{"deny_purge", false}}, {"deny_delete and deny_purge", "deletes=allowed"}},
           {{{"subject_transform", {{"src", "a"}, {"dest", "b"}}}},
            {"subject_transform is configured", "Remove it"}},
           {{{"mirror", {{"name", "other"}}}}, {"mirror is configured", "Remove it"}},
           {{{"sources", {{{"name", "other"}}}}}, {"sources is configured", "Remove it"}},
           {{{"republish", {{"src", ">"}, {"dest", "copy.>"}}}}, {"republish is configured", "Remove it"}},
           {{{"subjects", {"bank.>"}}}, {"its subjects are [\"bank.>\"]", "Set them"}},
           {{{"subjects", {"bank.p.*", "bank.header"}}}, {"its subjects are", "bank.schema.*"}},
           {{{"subjects", {"bank.p.*", "bank.header", "bank.schema.*", "other"}}},
            {"its subjects are", "Set them"}},
           {{{"num_replicas", 3}}, {"3 replicas on a server before 2.11", "one replica"}}}) {
    const auto wrong = wrong_with(changes);
    ASSERT_EQ(wrong.size(), 1U) << changes;
    for (const auto& part : says) EXPECT_NE(wrong[0].find(part), std::string::npos) << wrong[0];
  }
}

TEST(jetstream_preflight, all_that_is_wrong_is_told_at_once) {
  EXPECT_EQ(wrong_with({{"max_age", 1}, {"no_ack", true}, {"storage", "memory"}}).size(), 3U);
}

TEST(jetstream_preflight, what_was_asked_for_is_allowed) {
  auto where = bank();
  where.memory_storage = true;
  where.allows_deletes = true;
  EXPECT_TRUE(wrong_with({{"storage", "memory"}}, where).empty());
  EXPECT_TRUE(wrong_with({{"deny_delete", false}, {"deny_purge", false}}, where).empty());
}

TEST(jetstream_preflight, replicas_need_2_11) {
  EXPECT_TRUE(wrong_with({{"num_replicas", 3}}, bank(), of_2_11).empty());
  EXPECT_EQ(wrong_with({{"num_replicas", 3}}, bank(), {{"api", {{"level", 0}}}}).size(), 1U);
  EXPECT_EQ(wrong_with({{"num_replicas", 3}}, bank(), {{"api", {{"level", "1"}}}}).size(), 1U);
  EXPECT_TRUE(wrong_with({{"num_replicas", 1}}).empty());
}

TEST(jetstream_preflight, an_answer_without_settings_is_not_trusted) {
  for (const json& info : {json::object(), json{{"config", nullptr}}, json{{"config", 17}}})
    EXPECT_EQ(preflight(info, of_2_11, bank()).size(), 1U);
  EXPECT_FALSE(preflight({{"config", json::object()}}, of_2_11, bank()).empty());
}

// The server may answer anything: an error then, never a crash.
TEST(jetstream_preflight, settings_of_another_type_are_not_trusted) {
  const auto sound = stream_config(bank(), {});
  for (const auto& [key, value] : sound.items())
    for (const json& strange : {json("x"), json(json::array({1})), json{{"a", 1}}, json(1.5), json(true)})
      EXPECT_NO_THROW(wrong_with({{key, strange}})) << key << " " << strange;
  EXPECT_EQ(wrong_with({{"max_age", "1h"}}).size(), 1U);
  EXPECT_EQ(wrong_with({{"num_replicas", "3"}}).size(), 1U);
}

TEST(jetstream_subjects, lead_to_partitions_and_back) {
  const subjects names("bank", 3);
  EXPECT_EQ(names.of(2), "bank.p.2");
  EXPECT_EQ(names.partition_in("bank.p.2"), 2U);
  for (const std::string_view other : {"bank.p.3", "bank.p.", "bank.p.x", "bank.p.1x", "bank.header",
                                       "bank.p", "other.p.1", "bank.p.-1", "bank.p.99999999999"})
    EXPECT_EQ(names.partition_in(other), std::nullopt) << other;
}

TEST(jetstream_durability, says_what_it_does_not_know) {
  const auto words = [](const json& stream, const settings& where) {
    return keeping_of(stream, json::object(), where).durability;
  };
  EXPECT_NE(words(stream_with(json::object()), bank()).find("two minutes"), std::string::npos);
  EXPECT_NE(words(stream_with({{"num_replicas", 3}}), bank()).find("majority of 3"), std::string::npos);
  auto where = bank();
  where.monitor = "127.0.0.1:1";
  EXPECT_NE(words(stream_with(json::object()), where).find("in vain"), std::string::npos);
  EXPECT_EQ(keeping_of(stream_with(json::object()), json::object(), where).survives_power_cut, std::nullopt);
  where.memory_storage = true;
  EXPECT_NE(words(stream_with(json::object()), where).find("ends with the server"), std::string::npos);
}

TEST(jetstream_room, is_what_the_account_has_left) {
  const auto room = [](const json& server) {
    return keeping_of(stream_with(json::object()), server, bank()).room;
  };
  EXPECT_EQ(room(json::object()), std::nullopt);
  EXPECT_EQ(room({{"storage", 10}, {"limits", {{"max_storage", -1}}}}), std::nullopt);
  EXPECT_EQ(room({{"storage", 10}, {"limits", {{"max_storage", 100}}}}), 90U);
  EXPECT_EQ(room({{"storage", 101}, {"limits", {{"max_storage", 100}}}}), 0U);
}

}  // namespace
}  // namespace quipu::journal::jetstream
