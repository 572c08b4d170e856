// What is said where, and what holds then.
#include <set>

#include "config_fixture.hpp"

namespace quipu::test {
namespace {

using namespace std::chrono_literals;
using said = std::pair<std::string, std::string>;

TEST_F(configuration, what_is_said_later_wins) {
  const auto path = file(R"({"threads": 3, "replicas": 3, "owner": "file"})");
  set("QUIPU_OWNER", "environment");
  options code;
  code.partitions = 2;
  code.threads = 2;
  code.replicas = 2;
  code.owner = "code";
  const auto how = configured(code, {.file = path});
  ASSERT_TRUE(how) << how.error().text;
  EXPECT_EQ(how->close_within, options{}.close_within) << "nobody said it";
  EXPECT_EQ(how->partitions, 2U) << "only the code";
  EXPECT_EQ(how->threads, 3U) << "the file over the code";
  EXPECT_EQ(how->owner, "environment") << "the environment over file and code";

  auto all = effective(code, {.file = path});
  EXPECT_EQ(all["close_within"], said("10 s", "default"));
  EXPECT_EQ(all["partitions"], said("2", "code"));
  EXPECT_EQ(all["threads"], said("3", path.string()));
  EXPECT_EQ(all["owner"], said("environment", "QUIPU_OWNER"));
}

TEST_F(configuration, sources_that_are_not_named_say_nothing) {
  set("QUIPU_OWNER", "environment");
  const auto how = configured({.owner = "code"}, {.environment = false});
  ASSERT_TRUE(how) << how.error().text;
  EXPECT_EQ(how->owner, "code");
}

// One value of each type, as it is written and as it is shown.
std::string sample_of(const configuration_key& key) {
  if (key.type == "true or false") return key.standard == "true" ? "false" : "true";
  if (key.type.starts_with("whole number")) return "3";
  if (key.type.starts_with("size")) return "7 KiB";
  if (key.type.starts_with("duration")) return "7 min";
  if (key.type.find(", ") != std::string::npos)
    return key.type.substr(key.type.rfind(' ') + 1);  // the last word
  return "/some/text";
}

TEST_F(configuration, every_key_can_be_set_by_the_environment) {
  for (const auto& key : configuration_keys()) {
    const auto sample = sample_of(key);
    set(key.variable, sample);
    const auto shown = key.secret ? "…" : sample;
    EXPECT_EQ(effective({})[key.name], said(shown, key.variable));
    set(key.variable, "");
    EXPECT_EQ(effective({})[key.name], said(key.standard, "default")) << "empty is as good as not there";
  }
}

TEST_F(configuration, every_key_can_be_set_by_the_file) {
  for (const auto& key : configuration_keys()) {
    const auto sample = sample_of(key);
    const bool bare = key.type == "true or false" || key.type.starts_with("whole number");
    auto json = bare ? sample : "\"" + sample + "\"";
    const auto dot = key.name.find('.');
    if (dot != std::string::npos) json = "{\"" + key.name.substr(dot + 1) + "\": " + json + "}";
    const auto path = file("{\"" + key.name.substr(0, dot) + "\": " + json + "}");
    EXPECT_EQ(effective({}, {.file = path})[key.name], said(key.secret ? "…" : sample, path.string()));
  }
}

TEST_F(configuration, keys_and_variables_are_unique) {
  std::set<std::string> names;
  for (const auto& key : configuration_keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_TRUE(names.insert(key.variable).second) << key.variable;
    EXPECT_FALSE(key.reason.empty()) << key.name;
    EXPECT_EQ(key.variable.find("QUIPU_"), 0U);
  }
}

// A member that is new does not compile here until it is added: give it a row in key_table.cpp, or say here why it has
// none.
TEST_F(configuration, every_option_has_a_row) {
  [[maybe_unused]] const auto& [directory, journal, login, partitions, replicas, take_over, threads,
                                admission, entities, recovery_target, snapshots, retry_quarantined, deadline,
                                open_within, settle_within, close_within, executor, clock, owner, log,
                                on_notice] = options{};
  [[maybe_unused]] const auto& [user, password, token, nkey, nkey_seed, credentials, ca, certificate, key] =
      login;
  [[maybe_unused]] const auto& [commands_per_partition, bytes_per_partition, waiting_per_partition] =
      admission;
  [[maybe_unused]] const auto& [commands_per_entity, events_per_command, reply_bytes, state_bytes,
                                resident_per_partition] = entities;
  [[maybe_unused]] const auto& [every_events, every] = snapshots;
  [[maybe_unused]] const auto& [sink, level, format, file] = log;
  constexpr std::size_t of_options =
      21 - 8;  // without the five groups, and executor, clock and on_notice: code
  constexpr std::size_t of_groups = 9 + 3 + 5 + 2 + (4 - 1);  // log.sink is code
  EXPECT_EQ(configuration_keys().size(), of_options + of_groups);
}

TEST_F(configuration, units_are_read_as_what_they_say) {
  const auto path =
      file(R"({"deadline": "90 s", "open_within": "1500ms", "settle_within": "2 min", "close_within": "0 ms",
    "snapshots": {"every": "1 d"}, "recovery_target": "1 h",
    "entities": {"reply_bytes": "12 B", "state_bytes": "3MiB"}, "admission.bytes_per_partition": "1 GiB"})");
  const auto how = configured({}, {.file = path});
  ASSERT_TRUE(how) << how.error().text;
  EXPECT_EQ(how->deadline, 90s);
  EXPECT_EQ(how->open_within, 1500ms);
  EXPECT_EQ(how->settle_within, 2min);
  EXPECT_EQ(how->close_within, 0ms);
  EXPECT_EQ(how->snapshots.every, 24h);
  EXPECT_EQ(how->recovery_target, 1h);
  EXPECT_EQ(how->entities.reply_bytes, 12U);
  EXPECT_EQ(how->entities.state_bytes, 3U << 20U);
  EXPECT_EQ(how->admission.bytes_per_partition, 1ULL << 30U);
}

TEST_F(configuration, a_login_is_taken_from_one_place) {
  options code;
  code.login = {.user = "ann", .password = "of the code", .ca = "ca.pem"};
  set("QUIPU_NATS_PASSWORD", "of the environment");
  auto how = configured(code);
  ASSERT_TRUE(how) << how.error().text;
  EXPECT_EQ(how->login.user, "ann");
  EXPECT_EQ(how->login.password, "of the environment") << "a password completes the user";

  set("QUIPU_NATS_PASSWORD", "");
  how = configured(code, {.file = file(R"({"login": {"token": "t0k3n"}})")});
  ASSERT_TRUE(how) << how.error().text;
  EXPECT_EQ(how->login.token, "t0k3n");
  EXPECT_EQ(how->login.user, "") << "another way of proving who one is puts it aside";
  EXPECT_EQ(how->login.password, "");
  EXPECT_EQ(how->login.ca, "ca.pem") << "what is no proof stays";
}

TEST_F(configuration, secrets_are_not_shown) {
  options code;
  code.journal = "nats://ann:s3cr3t@host:1/bank";
  code.login.password = "s3cr3t";
  auto all = effective(code);
  EXPECT_EQ(all["journal"], said("nats://…@host:1/bank", "code"));
  EXPECT_EQ(all["login.password"], said("…", "code"));
  EXPECT_EQ(all["login.token"], said("", "default"));
}

}  // namespace
}  // namespace quipu::test
