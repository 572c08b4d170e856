// The proxy, between a client and a server that are sockets of this test.
#include "support/tcp_proxy.hpp"

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>

#include <string>

using namespace std::chrono_literals;
using namespace quipu::test;

namespace {

constexpr auto soon = 20s;      // for what must happen
constexpr auto a_while = 80ms;  // for what must not

/// One end of a connection.
struct end_of {
  descriptor socket;

  void say(std::string_view text) const {
    ASSERT_EQ(::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  /// So many bytes; fewer when it takes too long or ends ("<end>", "<error>" is appended then).
  std::string hear(std::size_t bytes, std::chrono::milliseconds limit = soon) const {
    time_limit until(limit);
    std::string heard;
    while (heard.size() < bytes && !until.over()) {
      pollfd one{.fd = socket.get(), .events = POLLIN, .revents = 0};
      if (::poll(&one, 1, static_cast<int>(until.left().count())) <= 0) continue;
      std::string room(bytes - heard.size(), '\0');
      auto got = ::recv(socket.get(), room.data(), room.size(), 0);
      if (got == 0) return heard + "<end>";
      if (got < 0) return heard + "<error>";
      heard.append(room, 0, static_cast<std::size_t>(got));
    }
    return heard;
  }
  std::string hear_nothing() const { return hear(1, a_while); }
};

class proxied : public testing::Test {
 protected:
  /// A client's end, straight to a port.
  static end_of connect(std::uint16_t port) {
    descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!connect_socket(socket, port)) return {};
    return {std::move(socket)};
  }
  std::pair<end_of, end_of> pair() {
    auto client = connect(proxy_.port());
    pollfd one{.fd = listener_.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&one, 1, 20'000), 1);
    end_of server{descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC))};
    return {std::move(client), std::move(server)};
  }
  static bool connect_socket(const descriptor& socket, std::uint16_t port);

  reserved_port port_;
  descriptor listener_ = listen_on(port_);
  tcp_proxy proxy_{port_.number()};
};

}  // namespace

#include <arpa/inet.h>
#include <netinet/in.h>

namespace {

bool proxied::connect_socket(const descriptor& socket, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

TEST_F(proxied, passes_bytes_both_ways_and_the_end) {
  auto [client, server] = pair();
  client.say("ping");
  EXPECT_EQ(server.hear(4), "ping");
  server.say("pong");
  EXPECT_EQ(client.hear(4), "pong");
  EXPECT_EQ(proxy_.passed(direction::to_server), 4u);
  client.socket.close();
  EXPECT_EQ(server.hear(1), "<end>");
}

TEST_F(proxied, passes_much) {
  auto [client, server] = pair();
  const std::string much(32 * 1024 * 1024, 'x');
  std::thread sender([&, &end = client] { end.say(much); });
  EXPECT_EQ(server.hear(much.size()).size(), much.size());
  sender.join();
}

TEST_F(proxied, cuts_with_an_error_or_an_end) {
  auto [client, server] = pair();
  ASSERT_TRUE(proxy_.wait_for_connections(1));
  proxy_.cut();
  EXPECT_EQ(client.hear(1), "<error>");
  EXPECT_EQ(server.hear(1), "<error>");
  auto [again, there] = pair();
  ASSERT_TRUE(proxy_.wait_for_connections(1));
  proxy_.cut(cut_by::close);
  EXPECT_EQ(again.hear(1), "<end>");
  EXPECT_EQ(proxy_.connections(), 0u);
}

TEST_F(proxied, refuses_new_connections_and_keeps_the_old) {
  auto [client, server] = pair();
  proxy_.refuse();
  EXPECT_FALSE(connect(proxy_.port()).socket);
  client.say("still here");
  EXPECT_EQ(server.hear(10), "still here");
  proxy_.accept();
  EXPECT_TRUE(connect(proxy_.port()).socket);
}

TEST_F(proxied, becomes_one_way) {
  auto [client, server] = pair();
  proxy_.set(direction::to_server, flow::drop);
  client.say("lost");
  server.say("heard");
  EXPECT_EQ(client.hear(5), "heard");
  EXPECT_EQ(server.hear_nothing(), "");
  proxy_.set(direction::to_server, flow::pass);
  client.say("found");
  EXPECT_EQ(server.hear(5), "found");
}

TEST_F(proxied, hides_the_servers_end_behind_a_cut_cable) {
  auto [client, server] = pair();
  proxy_.set(direction::to_client, flow::drop);
  server.socket.close();
  EXPECT_EQ(client.hear_nothing(), "");
  proxy_.heal();
  EXPECT_EQ(client.hear(1), "<end>");
}

TEST_F(proxied, holds_until_told) {
  auto [client, server] = pair();
  proxy_.set(direction::to_client, flow::hold);
  server.say("one");
  server.say("two");
  ASSERT_TRUE(proxy_.wait_for_held(direction::to_client, 6));
  EXPECT_EQ(client.hear_nothing(), "");
  proxy_.pass_only(direction::to_client, 3, flow::hold);
  EXPECT_EQ(client.hear(3), "one");
  EXPECT_EQ(client.hear_nothing(), "");
  EXPECT_EQ(proxy_.held(direction::to_client), 3u);
  proxy_.set(direction::to_client, flow::pass);
  EXPECT_EQ(client.hear(3), "two");
}

TEST_F(proxied, passes_only_some_bytes_and_cuts) {
  auto [client, server] = pair();
  proxy_.pass_only(direction::to_server, 5, cut_by::close);
  client.say("request in full");
  EXPECT_EQ(server.hear(20), "reque<end>");
}

TEST_F(proxied, delays) {
  auto [client, server] = pair();
  proxy_.delay(direction::to_server, 60ms);
  const auto began = std::chrono::steady_clock::now();
  client.say("late");
  EXPECT_EQ(server.hear(4), "late");
  EXPECT_GE(std::chrono::steady_clock::now() - began, 60ms);
}

TEST_F(proxied, acts_before_the_bytes_that_it_waits_for_go_on) {
  auto [client, server] = pair();
  auto seen =
      proxy_.when(direction::to_server, "PUB a.b", [this] { proxy_.set(direction::to_server, flow::drop); });
  client.say("PING|");
  EXPECT_EQ(server.hear(5), "PING|");
  client.say("PUB a.b 3|abc");
  ASSERT_EQ(seen.wait_for(soon), std::future_status::ready);
  EXPECT_EQ(server.hear_nothing(), "");
}

TEST_F(proxied, finds_what_comes_in_pieces) {
  auto [client, server] = pair();
  auto seen = proxy_.when(direction::to_server, "PUB a.b", [this] { proxy_.cut(); });
  client.say("PUB ");
  EXPECT_EQ(server.hear(4), "PUB ");
  client.say("a.b 3|abc");
  ASSERT_EQ(seen.wait_for(soon), std::future_status::ready);
  EXPECT_EQ(server.hear(1), "<error>");
}

TEST_F(proxied, resets_clients_of_a_server_that_is_not_there) {
  listener_.close();
  auto client = connect(proxy_.port());
  EXPECT_EQ(client.hear(1), "<error>");
}

}  // namespace
