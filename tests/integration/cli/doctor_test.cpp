// What `quipu doctor` finds, and that each finding comes with its cure.
#include <algorithm>
#include <chrono>

#include "journal_for_cli.hpp"
#include "support/loopback.hpp"
#include "support/nats_server.hpp"

namespace quipu::test {
namespace {

using namespace std::chrono_literals;

class doctor : public journal_for_cli {
 protected:
  using json = nlohmann::json;
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  static std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }

  /// The findings of one check.
  static std::vector<json> of(const std::vector<json>& all, std::string_view check) {
    std::vector<json> out;
    std::ranges::copy_if(all, std::back_inserter(out),
                         [&](const json& one) { return one.at("check") == check; });
    return out;
  }

  static void expect(const std::vector<json>& all, std::string_view check, std::string_view level,
                     std::string_view says) {
    const auto found = of(all, check);
    const bool there = std::ranges::any_of(found, [&](const json& one) {
      return one.at("level") == level && has(one.at("what").get<std::string>(), says);
    });
    EXPECT_TRUE(there) << check << " should say at level " << level << ": " << says << "\nand says "
                       << json(found).dump(1);
  }

  explicit doctor(std::string url = {}) : journal_for_cli(std::move(url)) {}

  ending examine(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"doctor", url_});
    return quipu(more);
  }
  /// What it finds, and that it ends with this code.
  std::vector<json> findings(int code, std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    const auto done = examine(std::move(more));
    EXPECT_EQ(done.code, code) << done.out << done.err;
    EXPECT_EQ(done.err, "");
    const auto all = json_lines(done.out);
    for (const auto& one : all) {
      EXPECT_EQ(one.size(), 4U) << one;
      EXPECT_TRUE(one.at("level") != "care" || one.at("cure").is_string()) << one;
    }
    return all;
  }
  void claim_now(journal::partition_id partition, std::uint64_t epoch, std::string_view owner) {
    auto what = stamp(partition, epoch);
    what.time_us = now_us();
    append_raw(partition, journal::encode_claim(what, owner));
  }
};

TEST_F(doctor, a_sound_journal_needs_no_care) {
  claim(partition_of("rent"), 1, "here pid 7");
  append({.entity_key = "rent", .events = {R"({"text":"one"})"}});
  const auto all = findings(0);
  for (const char* check :
       {"versions", "durability", "records", "commits", "schemas", "room", "skew", "owners", "projections"})
    EXPECT_EQ(of(all, check).size(), 1U) << check;
  expect(all, "versions", "ok", "created by a test");
  expect(all, "durability", "ok", "fsync");
  expect(all, "records", "ok", "all 2 records");
  expect(all, "commits", "ok", "2026-01-02T03:04:05.000006Z");
  expect(all, "owners", "ok", "here pid 7 (1 of 4 partitions), epoch 1");
  const auto text = examine();
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(has(text.out, "ok    durability   fsync before every acknowledgement\n")) << text.out;
  EXPECT_TRUE(has(text.out, "note  projections  no directory was named")) << text.out;
  EXPECT_TRUE(has(text.out, "\n      -> --directory DIR")) << text.out;
}

TEST_F(doctor, damage_and_a_relaxed_journal_need_care) {
  append({.entity_key = "rent", .events = {R"({"text":"one"})"}});
  append_raw(partition_of("rent"), std::make_shared<const bytes>(64, 7));
  append({.entity_key = "rent", .first_sequence = 2, .events = {R"({"text":"two"})"}});
  const auto all = findings(1);
  EXPECT_EQ(of(all, "records").size(), 1U);
  expect(all, "records", "care", "record 2: ");
  EXPECT_TRUE(has(of(all, "records").at(0).at("cure").get<std::string>(), "quipu journal verify " + url_));
  url_ += "?sync=none";
  expect(findings(1), "durability", "care", "relaxed");
}

TEST_F(doctor, claims_that_change_hands_often_need_care_while_they_are_fresh) {
  for (std::uint64_t epoch = 1; epoch <= 4; ++epoch)
    claim(1, epoch, epoch % 2 == 0 ? "ann pid 1" : "bob pid 2");
  expect(findings(0), "owners", "note", "partition 1 was claimed 4 times within ten minutes");
  for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) claim_now(2, epoch, "ann pid 1");
  expect(findings(0), "owners", "ok", "claimed last by ann pid 1 (2 of 4 partitions), epoch 4");
  claim_now(2, 4, "bob \x1b[31mpid 2");
  const auto all = findings(1);
  expect(all, "owners", "care", "by ann pid 1, bob \x1b[31mpid 2");
  expect(all, "owners", "note", "bob \x1b[31mpid 2 (1 of 4 partitions)");
  EXPECT_FALSE(has(examine().out, "\x1b"));
}

TEST_F(doctor, work_that_is_not_spread_is_noted) {
  std::vector<std::string> events(600, R"({"text":"x"})");
  append({.entity_key = "rent", .events = events});
  expect(findings(0), "skew", "ok", "600 events are too few");
  append({.entity_key = "rent", .first_sequence = 601, .events = events});
  expect(findings(0), "skew", "note",
         "partition " + std::to_string(partition_of("rent")) +
             " has the most of the newest 1200 events, 4.0 times the mean");
}

TEST_F(doctor, events_without_a_schema_and_a_clock_that_is_wrong_are_found) {
  const auto payload = noted(R"({"text":"one"})");
  append_event("rent", {{"ledger.Noted", id128{7, 7}}, payload});
  expect(findings(0), "schemas", "note", "1 events of ledger.Noted have no schema");
  append({.entity_key = "food", .events = {R"({"text":"one"})"}, .time_us = now_us() + 3'600'000'000});
  expect(findings(1), "commits", "care", "60 min in the future");
}

TEST_F(doctor, a_directory_that_is_not_there_needs_care) {
  expect(findings(1, {"--directory", (directory_ / "missing").string()}), "directory", "care", "missing");
  expect(findings(0, {"--directory", directory_.path().string()}), "projections", "ok", "no read models");
  expect(findings(0, {"--directory", directory_.path().string()}), "recovery", "note",
         "there are no snapshots");
  const auto module = examine({"--module", "/missing.so"});
  EXPECT_EQ(module.code, 3);
  EXPECT_TRUE(has(module.err, "/missing.so")) << module.err;
}

TEST_F(doctor, what_cannot_be_opened_is_told_as_everywhere) {
  EXPECT_EQ(quipu({"doctor", "lmdb:" + (directory_ / "missing").string()}).code, 3);
  EXPECT_EQ(quipu({"doctor", "here"}).code, 2);
}

/// Made before the journal that lies on it.
struct a_server {
  a_server() { server_.start(); }
  nats_server server_;
};

class doctor_on_nats : private a_server, public doctor {
 protected:
  doctor_on_nats() : doctor(a_server::server_.url("cli")) {}
  using a_server::server_;
};

TEST_F(doctor_on_nats, knows_what_answers) {
  append({.entity_key = "rent", .events = {R"({"text":"one"})"}});
  const auto all = findings(0);
  expect(all, "server", "note", "nats-server 2.");
  expect(all, "durability", "note", "does not tell");
  expect(all, "room", "note", "does not tell");
  expect(all, "records", "ok", "all 1 records");
  url_ += "?monitor=127.0.0.1:" + std::to_string(server_.monitoring_port());
  const auto asked = findings(1);
  expect(asked, "durability", "care", "flushes 2 min after");
  expect(asked, "room", "ok", "there is room for ");
}

TEST_F(doctor_on_nats, tells_which_server_is_down) {
  const reserved_port closed;
  const auto place = "127.0.0.1:" + std::to_string(server_.port());
  url_ = "nats://" + place + ",127.0.0.1:" + std::to_string(closed.number()) + "/cli";
  expect(findings(1), "server", "care", "Connection refused");
  const reserved_port quiet;
  const auto silent = listen_on(quiet);
  url_ = "nats://" + place + ",127.0.0.1:" + std::to_string(quiet.number()) + "/cli";
  expect(findings(0), "server", "note", "takes connections and says nothing");
  server_.stop();
  const auto begun = std::chrono::steady_clock::now();
  const auto done = examine();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  EXPECT_EQ(done.code, 3);
  EXPECT_TRUE(has(done.out, "care  server       " + place + ": Connection refused\n")) << done.out;
  EXPECT_EQ(lines_of(done.err).size(), 1U) << done.err;
}

}  // namespace
}  // namespace quipu::test
