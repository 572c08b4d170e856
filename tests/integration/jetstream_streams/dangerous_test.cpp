// Streams that could lose records or fence wrongly, as each server makes them: refused, with the line that says why.
#include "stream_fixture.hpp"

namespace quipu::test {
namespace {

class dangerous_streams : public streams_of {};

struct row {
  json changes;
  std::string_view says;
  bool keeps_header = true;
};

std::vector<row> rows() {
  return {{{{"retention", "workqueue"}}, "retention is \"workqueue\""},
          {{{"retention", "interest"}}, "retention is \"interest\"", false},
          {{{"storage", "memory"}}, "storage is \"memory\""},
          {{{"max_age", 3'600'000'000'000}}, "max_age is 3600000000000"},
          {{{"max_bytes", 100'000'000}}, "max_bytes is 100000000"},
          {{{"max_msgs", 1'000}}, "max_msgs is 1000"},
          {{{"max_msgs_per_subject", 5}}, "max_msgs_per_subject is 5"},
          {{{"max_msg_size", 100'000}}, "max_msg_size is 100000"},
          {{{"no_ack", true}}, "no_ack is set"},
          {{{"allow_rollup_hdrs", true}, {"deny_purge", false}}, "allow_rollup_hdrs is set"},
          {{{"deny_delete", false}}, "deny_delete and deny_purge"},
          {{{"deny_purge", false}}, "deny_delete and deny_purge"},
          {{{"republish", {{"src", ">"}, {"dest", "copy.>"}}}}, "republish is configured"},
          {{{"sources", {{{"name", "other"}}}}}, "sources is configured"},
          {{{"subject_transform", {{"src", "bank.p.*"}, {"dest", "bank.p.{{wildcard(1)}}"}}}},
           "subject_transform"},
          {{{"allow_msg_ttl", true}}, "allow_msg_ttl is set"},
          {{{"allow_msg_ttl", true},
            {"subject_delete_marker_ttl", 1'000'000'000},
            {"allow_rollup_hdrs", true},
            {"deny_purge", false}},
           "subject_delete_marker_ttl is 1000000000"},
          {{{"allow_msg_counter", true}}, "allow_msg_counter is set"},
          {{{"persist_mode", "async"}}, "persist_mode is async"}};
}

/// Whether the server took the setting and did not just pass over a word that it does not know.
bool is_as_wanted(const json& config, const json& changes) {
  for (const auto& [key, value] : changes.items())
    if (!config.contains(key)) return false;
  return true;
}

TEST_P(dangerous_streams, are_refused_with_the_line_that_says_why) {
  ASSERT_EQ(make({{"name", "other"}, {"subjects", {"other"}}}), std::nullopt);
  int accepted = 0;
  for (const auto& [changes, says, keeps_header] : rows()) {
    const auto name = "bank";
    if (make(sound(name, changes))) continue;  // this server knows better itself
    const auto info = ask("STREAM.INFO.bank", nullptr);
    if (is_as_wanted(info["config"], changes)) {
      ++accepted;
      const auto created = journal::create(url(), {});
      ASSERT_FALSE(created) << changes;
      EXPECT_EQ(created.error().kind, journal::failure_kind::refused) << created.error().text;
      EXPECT_TRUE(has(created.error().text, says)) << created.error().text;
      write_header(name);
      const auto opened = journal::open(url());
      ASSERT_FALSE(opened) << changes;
      if (keeps_header) {
        EXPECT_EQ(opened.error().kind, journal::failure_kind::refused) << changes << opened.error().text;
        EXPECT_TRUE(has(opened.error().text, "is not safe to use:\n  ")) << opened.error().text;
        EXPECT_TRUE(has(opened.error().text, says)) << opened.error().text;
      }
    }
    ASSERT_TRUE(ask("STREAM.DELETE.bank", nullptr).value("success", false));
  }
  EXPECT_GE(accepted, 13);
  std::printf("%d of %zu dangerous settings are known to this server\n", accepted, rows().size());
}

TEST_P(dangerous_streams, a_mirror_is_refused) {
  ASSERT_EQ(make(sound("other")), std::nullopt);
  write_header("other");
  ASSERT_EQ(make({{"name", "bank"}, {"mirror", {{"name", "other"}}}, {"storage", "file"}}), std::nullopt);
  const auto created = journal::create(url(), {});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, journal::failure_kind::refused);
  EXPECT_TRUE(has(created.error().text, "mirror is configured")) << created.error().text;
}

TEST_P(dangerous_streams, a_stream_that_became_dangerous_is_not_written_to_any_more) {
  ASSERT_TRUE(journal::create(url(), {}));
  ASSERT_TRUE(journal::open(url()));
  auto config = sound("bank", {{"max_msgs", 10'000}});
  ASSERT_FALSE(ask("STREAM.UPDATE.bank", config).contains("error"));
  const auto opened = journal::open(url());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, journal::failure_kind::refused);
  EXPECT_TRUE(has(opened.error().text, "max_msgs is 10000")) << opened.error().text;
}

INSTANTIATE_TEST_SUITE_P(servers, dangerous_streams,
                         testing::Values(nats_build::installed, nats_build::trixie, nats_build::sid),
                         name_of);

}  // namespace
}  // namespace quipu::test
