// The proxy's thread: reads, watches, waits, writes. What the rules say is in tcp_proxy.cpp.
#include "tcp_proxy_lanes.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace quipu::test {
namespace {

using clock = std::chrono::steady_clock;

void send_at_once(const descriptor& socket) {
  const int yes = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

/// Under way when it returns; an error shows at the first read.
descriptor connect_to(std::uint16_t port) {
  descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  send_at_once(socket);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  [[maybe_unused]] int later =
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return socket;
}

bool try_again() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

/// Waits until there is something to do, and does it.
void tcp_proxy::look(lock& held_lock) {
  const auto now_served = connections_;
  std::vector<pollfd> watched{{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                              {.fd = listener_.get(), .events = POLLIN, .revents = 0}};
  auto next = clock::time_point::max();
  for (const auto& one : now_served)
    for (auto way : both_ways) {
      auto& forth = one->of(way);
      short events = one->readable(way) ? POLLIN : 0;
      if (one->of(back(way)).blocked) events |= POLLOUT;
      // A side that is gone would report so for ever: no look at one from which nothing is wanted.
      watched.push_back({.fd = events != 0 ? one->source(way).get() : -1, .events = events, .revents = 0});
      if (!forth.waiting.empty() && !forth.blocked && of(way).what == flow::pass)
        next = std::min(next, forth.waiting.front().due);
    }
  int wait_ms = -1;
  if (next != clock::time_point::max())
    wait_ms = static_cast<int>(
        std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count()));

  held_lock.unlock();
  ::poll(watched.data(), watched.size(), wait_ms);
  held_lock.lock();

  eventfd_t count = 0;
  ::eventfd_read(wake_.get(), &count);
  settled_ = asked_;
  if (listener_) take_clients();
  std::size_t place = 2;
  for (const auto& one : now_served)
    for (auto way : both_ways)
      if (watched[place++].revents != 0) {
        one->of(back(way)).blocked = false;
        if (one->readable(way)) read_from(*one, way, held_lock);
      }
  for (const auto& one : now_served)
    for (auto way : both_ways) write_to(*one, way);
  changed_.notify_all();
}

void tcp_proxy::take_clients() {
  for (;;) {
    descriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client) return;
    send_at_once(client);
    auto made = std::make_shared<connection>();
    made->client = std::move(client);
    made->server = connect_to(server_port_);
    connections_.push_back(std::move(made));
  }
}

void tcp_proxy::read_from(connection& from, direction way, lock& held_lock) {
  static thread_local std::array<char, 64 * 1024> room;
  auto got = ::recv(from.source(way).get(), room.data(), room.size(), 0);
  if (got < 0 && try_again()) return;
  auto& forth = from.of(way);
  if (got <= 0) {
    forth.ended = true;
    forth.broken = got < 0;
    return;
  }
  const std::string_view chunk(room.data(), static_cast<std::size_t>(got));
  call_watches(from, way, chunk, held_lock);
  if (from.over || of(way).what == flow::drop) return;
  forth.waiting.push_back({.bytes = std::string(chunk), .due = clock::now() + of(way).delay});
  forth.bytes += chunk.size();
}

void tcp_proxy::call_watches(connection& from, direction way, std::string_view chunk, lock& held_lock) {
  auto& forth = from.of(way);
  const auto old = forth.tail.size();
  auto window = forth.tail.append(chunk);
  if (forth.tail.size() >= longest_watched) forth.tail.erase(0, forth.tail.size() - (longest_watched - 1));

  std::list<watch> due;
  auto& watches = of(way).watches;
  for (auto one = watches.begin(); one != watches.end();) {
    auto here = one++;
    auto from_place = old - std::min(old, here->text.size() - 1);  // such that it ends in the new chunk
    if (window.find(here->text, from_place) != std::string::npos) due.splice(due.end(), watches, here);
  }
  if (due.empty()) return;
  held_lock.unlock();
  for (auto& one : due) {
    try {
      if (one.action) one.action();
      one.done.set_value();
    } catch (...) {
      one.done.set_exception(std::current_exception());
    }
  }
  due.clear();
  held_lock.lock();
}

void tcp_proxy::write_to(connection& to, direction way) {
  auto& forth = to.of(way);
  auto& rule = of(way);
  while (!to.over && !forth.blocked && rule.what == flow::pass && !forth.waiting.empty() &&
         forth.waiting.front().due <= clock::now()) {
    auto& bytes = forth.waiting.front().bytes;
    auto many = rule.only ? std::min<std::uint64_t>(bytes.size(), rule.only->bytes) : bytes.size();
    auto sent = ::send(to.destination(way).get(), bytes.data(), many, MSG_NOSIGNAL);
    if (sent < 0 && try_again()) {
      forth.blocked = true;
      return;
    }
    if (sent < 0) {  // that side is gone: its own end goes the way of its bytes
      forth.forget();
      to.of(back(way)).ended = to.of(back(way)).broken = true;
      return;
    }
    const auto count = static_cast<std::size_t>(sent);
    forth.bytes -= count;
    rule.passed += count;
    if (count == bytes.size())
      forth.waiting.pop_front();
    else
      bytes.erase(0, count);
    if (rule.only && (rule.only->bytes -= count) == 0) spent(way);
  }
  if (!to.over && forth.ended && forth.waiting.empty() && rule.what == flow::pass)
    end(to, forth.broken ? cut_by::reset : cut_by::close);
}

}  // namespace quipu::test
