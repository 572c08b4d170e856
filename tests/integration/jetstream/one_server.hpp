/// A real nats-server with a bank on it, a proxy in front of it, and the end of every test: were clients told the truth?
#pragma once

#include <gtest/gtest.h>
#include <quipu/runtime.hpp>

#include "bank_load.hpp"
#include "client_record.hpp"
#include "journal_truth.hpp"
#include "support/nats_server.hpp"
#include "support/seed.hpp"
#include "support/tcp_proxy.hpp"
#include "support/temporary_directory.hpp"
#include "support/waiting.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

namespace quipu::test {

using namespace std::chrono_literals;

/// The beginning of an append on the wire.
inline constexpr const char* publish_on_wire = "HPUB bank.p.";
/// In every acknowledgement of one.
inline constexpr const char* ack_on_wire = R"({"stream":"bank",)";

/// From the environment, so that long runs need no other program.
std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise);

class one_server : public testing::Test {
 protected:
  static constexpr std::uint32_t partitions = 3;
  /// Work has to go on by itself this soon after a fault: the longest wait for a new link, its time to connect, and room
  /// for a busy machine.
  static constexpr auto soon = 15s;

  explicit one_server(nats_settings with = {});
  void SetUp() override;
  void TearDown() override;

  std::string direct_url() const { return server.url("bank"); }
  std::string proxied_url() const { return "nats://127.0.0.1:" + std::to_string(proxy.port()) + "/bank"; }
  options how_to_open(const std::string& url, const std::string& node = "node") const;
  /// Throws with the error's text.
  runtime open(options how);
  runtime open() { return open(how_to_open(proxied_url())); }

  /// Does it when `text` comes by. Throws when it does not come.
  void at(direction way, const char* text, std::function<void()> what);
  /// The fault ends now: waits until every partition has accepted something new, and notes how long it took.
  void expect_recovery(std::string_view after, std::chrono::milliseconds limit = soon);
  /// Settles what is unknown through that load, and judges. Returns what the journal says.
  journal_truth expect_truth(bank_load& ask_through);
  /// Judges; nobody may be waiting for an answer.
  journal_truth expect_truth();

  nats_server server;
  tcp_proxy proxy;
  temporary_directory home;
  client_record record{partitions};
  std::mt19937_64 random = random_source();

 private:
  recovery_times longest_;
  std::string longest_after_;
};

}  // namespace quipu::test
