// Between the bank and its server: cut, delayed and one-way, at every point of an append.
#include "one_server.hpp"

namespace quipu::test {
namespace {

class failing_network : public one_server {
 protected:
  cut_by any_cut() { return between(random, 0, 1) == 0 ? cut_by::reset : cut_by::close; }
  std::string url_with(const std::string& more) const { return proxied_url() + more; }

  /// What a test does to one append: `fault` begins when `text` comes by, and ends when callers are told that nobody knows.
  void one_way(direction way, const char* text, flow what, const std::string& more = {}) {
    auto bank = open(how_to_open(url_with(more)));
    bank_load load(bank, record, random,
                   {.deadline = 7s});  // longer than an append's, longer than the pings'
    load.start();
    ASSERT_TRUE(record.wait_for_accepted(200));
    at(way, text, [&] { proxy.set(way, what); });
    EXPECT_TRUE(record.wait_for_failed(error_kind::unknown_outcome, 1));
    proxy.heal();
    expect_recovery("a network that lost one way");
    ASSERT_TRUE(record.wait_for_accepted(200));
    expect_truth(load);
  }
};

TEST_F(failing_network, cut_at_every_point_of_an_append) {
  auto bank = open();
  bank_load load(bank, record, random, {});
  load.start();
  for (int round = 0; round < 4 && !HasFailure(); ++round) {
    ASSERT_TRUE(record.wait_for_accepted(between(random, 1, 200)));
    at(direction::to_server, publish_on_wire, [&] { proxy.cut(any_cut()); });
    expect_recovery("cut before a record left");
    at(direction::to_server, publish_on_wire,
       [&] { proxy.pass_only(direction::to_server, between(random, 1, 600), any_cut()); });
    expect_recovery("cut in the middle of a record");
    at(direction::to_client, ack_on_wire, [&] { proxy.cut(any_cut()); });
    expect_recovery("cut before an acknowledgement arrived");
    at(direction::to_client, ack_on_wire,
       [&] { proxy.pass_only(direction::to_client, between(random, 1, 100), any_cut()); });
    expect_recovery("cut in the middle of an acknowledgement");
    proxy.cut(any_cut());
    expect_recovery("cut at any time");
    proxy.refuse();
    proxy.cut(any_cut());
    proxy.accept();
    expect_recovery("cut and refused");
  }
  expect_truth(load);
}

TEST_F(failing_network, delayed) {
  auto bank = open();
  bank_load load(bank, record, random, {});
  load.start();
  for (const auto way : {direction::to_server, direction::to_client}) {
    proxy.delay(way, 100ms);
    ASSERT_TRUE(record.wait_for_accepted(200));
    proxy.cut();
    ASSERT_TRUE(record.wait_for_accepted(200));
    proxy.heal();
    expect_recovery("a slow network");
  }
  expect_truth(load);
}

TEST_F(failing_network, loses_requests) { one_way(direction::to_server, publish_on_wire, flow::drop); }

TEST_F(failing_network, loses_acknowledgements) { one_way(direction::to_client, ack_on_wire, flow::drop); }

TEST_F(failing_network, brings_requests_late) { one_way(direction::to_server, publish_on_wire, flow::hold); }

TEST_F(failing_network, loses_acknowledgements_for_longer_than_the_dedupe_window) {
  one_way(direction::to_client, ack_on_wire, flow::drop, "?window=1");
}

TEST_F(failing_network, brings_acknowledgements_after_their_deadline) {
  auto bank = open();
  bank_load load(bank, record, random, {.deadline = 5'300ms});  // an append has 5 s
  load.start();
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(record.wait_for_accepted(200));
    at(direction::to_client, ack_on_wire, [&] { proxy.set(direction::to_client, flow::hold); });
    EXPECT_TRUE(
        record.wait_for_failed(error_kind::unknown_outcome, record.failed(error_kind::unknown_outcome) + 1));
    proxy.set(direction::to_client, flow::pass);
    expect_recovery("late acknowledgements");
  }
  expect_truth(load);
}

// The record goes out over one link and is held; the owner gives that link up, asks over another, hears that nothing
// follows, and sends the record again. Then the first copy arrives, when the server has forgotten its id.
TEST_F(failing_network, brings_a_request_after_it_was_sent_again_and_forgotten) {
  tcp_proxy other(server.port());
  other.refuse();
  auto bank = open(how_to_open("nats://127.0.0.1:" + std::to_string(proxy.port()) +
                               ",127.0.0.1:" + std::to_string(other.port()) + "/bank?window=1"));
  bank_load load(bank, record, random, {});
  load.start();
  ASSERT_TRUE(record.wait_for_accepted(200));
  at(direction::to_server, publish_on_wire, [&] { proxy.set(direction::to_server, flow::hold); });
  proxy.refuse();
  other.accept();
  expect_recovery("a second link (the time in which the first is found out is in it)");
  EXPECT_GT(proxy.held(direction::to_server), 0U);
  ASSERT_TRUE(record.wait_for_accepted(200));
  proxy.set(direction::to_server, flow::pass);
  EXPECT_TRUE(wait_until([&] { return proxy.connections() == 0; })) << "the late bytes did not end";
  ASSERT_TRUE(record.wait_for_accepted(200));
  expect_truth(load);
}

}  // namespace
}  // namespace quipu::test
