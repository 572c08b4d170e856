// The same commands on a real server.
#include <chrono>

#include "journal_for_cli.hpp"
#include "support/nats_server.hpp"

namespace quipu::test {
namespace {

using namespace std::chrono_literals;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

constexpr auto who = "ann:Sesame4711@";

/// It asks for a password, which the URL holds.
class server_of_its_own {
 protected:
  server_of_its_own() { server_.start(); }
  std::string url(const std::string& name, const std::string& query = {}) const {
    return "nats://" + std::string(who) + place(name) + query;
  }
  std::string place(const std::string& name) const {
    return "127.0.0.1:" + std::to_string(server_.port()) + "/" + name;
  }

  nats_server server_{nats_settings{.user = "ann", .password = "Sesame4711"}};
};

class cli_on_nats : private server_of_its_own, public journal_for_cli {
 protected:
  cli_on_nats() : journal_for_cli(server_of_its_own::url("cli")) {}
  using server_of_its_own::place;
  using server_of_its_own::server_;
  using server_of_its_own::url;

  /// Every command: exit code 3 within five seconds, with one line that says what is wrong and holds no password.
  void expect_given_up(const std::string& at, std::string_view says, bool create_too = true) {
    for (const std::string command : {"info", "cat", "create"}) {
      if (command == "create" && !create_too) continue;
      const auto start = std::chrono::steady_clock::now();
      const auto done = quipu({"journal", command, at});
      EXPECT_LT(std::chrono::steady_clock::now() - start, 5s) << command;
      EXPECT_EQ(done.code, 3) << command << done.err;
      EXPECT_EQ(done.out, "");
      EXPECT_EQ(lines_of(done.err).size(), 1U) << done.err;
      EXPECT_TRUE(has(done.err, says)) << done.err;
      EXPECT_FALSE(has(done.err, "Sesame")) << done.err;
    }
  }
};

TEST_F(cli_on_nats, create_makes_a_journal_once) {
  const auto done =
      quipu({"journal", "create", url("new"), "--partitions", "3", "--replicas", "1", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto made = json_lines(done.out).at(0);
  EXPECT_EQ(made.at("partitions"), 3);
  EXPECT_EQ(made.at("url"), "nats://…@" + place("new"));
  EXPECT_EQ(journal::open(url("new")).value()->about().lineage.hex(), made.at("lineage").get<std::string>());
  const auto again = quipu({"journal", "create", url("new")});
  EXPECT_EQ(again.code, 3);
  EXPECT_TRUE(has(again.err, "already")) << again.err;
  const auto text = quipu({"journal", "create", url("other")});
  EXPECT_EQ(text.out.find("created nats://…@" + place("other")), 0U) << text.out;
}

TEST_F(cli_on_nats, replicas_need_a_cluster) {
  const auto one = quipu({"journal", "create", url("three"), "--replicas", "3"});
  EXPECT_EQ(one.code, 3);
  EXPECT_TRUE(has(one.err, "replicas")) << one.err;
  EXPECT_EQ(quipu({"journal", "create", url("three"), "--replicas", "6"}).code, 2);
  const auto lmdb = quipu({"journal", "create", "lmdb:" + (directory_ / "x").string(), "--replicas", "3"});
  EXPECT_EQ(lmdb.code, 2);
  EXPECT_TRUE(has(lmdb.err, "nats://")) << lmdb.err;
}

TEST_F(cli_on_nats, info_shows_what_an_acknowledged_record_survives) {
  append({.entity_key = "rent", .events = {R"({"text":"one"})", R"({"text":"two"})"}});
  const auto done = info();
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(has(done.out, "journal      nats://…@" + place("cli") + "\n")) << done.out;
  EXPECT_TRUE(has(done.out, "durability   one server; it does not tell")) << done.out;
  EXPECT_TRUE(has(done.out, "events       2\n")) << done.out;
  EXPECT_FALSE(has(done.out, "Sesame"));
  const auto asked =
      quipu({"journal", "info", url("cli", "?monitor=127.0.0.1:" + std::to_string(server_.monitoring_port())),
             "--json"});
  ASSERT_EQ(asked.code, 0) << asked.err;
  EXPECT_TRUE(has(json_lines(asked.out).at(0).at("durability").get<std::string>(), "flushes 2 min after"))
      << asked.out;
}

TEST_F(cli_on_nats, cat_prints_events) {
  append({.entity_key = "rent", .events = {R"({"text":"one"})", R"({"text":"two"})"}});
  append({.entity_key = "food", .events = {R"({"text":"three"})"}});
  const auto all = cat({"--json"});
  ASSERT_EQ(all.code, 0) << all.err;
  EXPECT_EQ(values(json_lines(all.out), "id"),
            (std::vector<std::string>{"ledger/rent@1", "ledger/rent@2", "ledger/food@1"}));
  const auto food = cat({"--entity", "ledger/food"});
  EXPECT_EQ(food.code, 0);
  ASSERT_EQ(lines_of(food.out).size(), 1U);
  EXPECT_TRUE(has(food.out, "three")) << food.out;
}

TEST_F(cli_on_nats, cat_selects_with_and_without_an_index) {
  for (std::uint64_t i = 1; i <= 80; ++i)
    append({.entity_key = i % 40 == 1 ? "rent" : "food",
            .first_sequence = i,
            .events = {R"({"amount":)" + std::to_string(i) + "}"},
            .command = {i, i}});
  const auto cache = (directory_ / "cache").string();
  const auto made = quipu({"journal", "index", url_, "--index", cache, "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(json_lines(made.out).at(0).at("events"), 80);
  append({.entity_key = "rent", .first_sequence = 81, .events = {R"({"amount":81})"}});
  for (const std::string& place : {cache, (directory_ / "none").string()}) {
    const auto rent = cat({"--json", "--index", place, "--entity", "ledger/rent", "--reverse"});
    EXPECT_EQ(rent.code, 0) << rent.err;
    EXPECT_EQ(values(json_lines(rent.out), "id"),
              (std::vector<std::string>{"ledger/rent@81", "ledger/rent@41", "ledger/rent@1"}));
    const auto one =
        cat({"--json", "--index", place, "--command-id", id128{7, 7}.hex(), "--where", "/amount == 7"});
    EXPECT_EQ(values(json_lines(one.out), "id"), (std::vector<std::string>{"ledger/food@7"})) << one.err;
    const auto described = info({"--json", "--index", place});
    EXPECT_EQ(json_lines(described.out).at(0).at("events"), 81) << described.err;
  }
}

TEST_F(cli_on_nats, tail_prints_events_as_they_come) {
  append({.entity_key = "rent", .events = {R"({"amount":1})"}});
  process program(command({"journal", "tail", url_, "--last", "1", "--limit", "3", "--json"}));
  ASSERT_EQ(nlohmann::json::parse(program.read_line().value()).at("id"), "ledger/rent@1");
  append({.entity_key = "food", .events = {R"({"amount":2})"}});
  ASSERT_EQ(nlohmann::json::parse(program.read_line().value()).at("id"), "ledger/food@1");
  append({.entity_key = "rent", .first_sequence = 2, .events = {R"({"amount":3})"}});
  const auto done = program.wait();
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(values(json_lines(done.out), "id"), (std::vector<std::string>{"ledger/rent@2"}));
}

TEST_F(cli_on_nats, tail_goes_on_when_the_server_is_back) {
  append({.entity_key = "rent", .events = {R"({"amount":1})"}});
  process program(command({"journal", "tail", url_, "--last", "1", "--limit", "2", "--json"}));
  ASSERT_TRUE(program.read_line());
  server_.restart();
  journal_ = journal::open(url_).value();
  append({.entity_key = "rent", .first_sequence = 2, .events = {R"({"amount":2})"}});
  const auto done = program.wait();
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(values(json_lines(done.out), "id"), (std::vector<std::string>{"ledger/rent@2"}));
}

TEST_F(cli_on_nats, what_is_not_there_is_a_clear_line) {
  expect_given_up(url("missing"), place("missing"), false);
  expect_given_up("nats://ann:Wrong@" + place("cli"), "check user and password");
  expect_given_up("nats://" + place("cli"), "check user and password");
}

TEST_F(cli_on_nats, a_server_that_is_down_or_silent_is_a_clear_line) {
  server_.pause();
  expect_given_up(url("cli"), place("cli"));
  server_.resume();
  server_.stop();
  expect_given_up(url("cli"), "check that nats-server runs there");
}

TEST_F(cli_on_nats, ill_formed_urls_are_wrong_usage) {
  for (const std::string at :
       {"nats:", "nats://", "nats://127.0.0.1", "nats://ann:Sesame4711@127.0.0.1:x/cli",
        "nats://ann:Sesame4711@127.0.0.1/c.li", "nats://ann:Sesame4711@127.0.0.1/cli?colour=red"}) {
    const auto done = quipu({"journal", "info", at});
    EXPECT_EQ(done.code, 2) << done.err;
    EXPECT_EQ(lines_of(done.err).size(), 1U) << done.err;
    EXPECT_FALSE(has(done.err, "Sesame")) << done.err;
  }
}

}  // namespace
}  // namespace quipu::test
