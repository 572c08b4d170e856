#include "tcp_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace quipu::test {
namespace {

using clock = std::chrono::steady_clock;
constexpr std::size_t most_held = 64 * 1024 * 1024;
constexpr std::size_t longest_text = 256;
constexpr std::array both_ways{direction::to_server, direction::to_client};

constexpr std::size_t index(direction way) { return static_cast<std::size_t>(way); }
constexpr direction back(direction way) {
  return way == direction::to_server ? direction::to_client : direction::to_server;
}

struct chunk_of_bytes {
  std::string bytes;
  clock::time_point due;
};

/// The way from one side to the other.
struct lane {
  std::deque<chunk_of_bytes> waiting;
  std::size_t bytes = 0;  ///< of all that waits
  std::string tail;       ///< the last bytes read: a text may begin in one chunk and end in the next
  bool ended = false;     ///< its source sends no more
  bool broken = false;    ///< … because of an error
  bool blocked = false;   ///< its destination takes no more for now

  void forget() {
    waiting.clear();
    bytes = 0;
  }
};

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

struct tcp_proxy::connection {
  descriptor client;
  descriptor server;
  std::array<lane, 2> lanes;
  bool over = false;

  lane& of(direction way) { return lanes[index(way)]; }
  const descriptor& source(direction way) const { return way == direction::to_server ? client : server; }
  const descriptor& destination(direction way) const { return source(back(way)); }
  bool readable(direction way) { return !over && !of(way).ended && of(way).bytes < most_held; }
};

tcp_proxy::tcp_proxy(std::uint16_t server_port)
    : server_port_(server_port),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      listener_(listen_on(port_)) {
  if (!wake_) throw std::system_error(errno, std::generic_category(), "eventfd");
  thread_ = std::thread([this] { run(); });
}

tcp_proxy::~tcp_proxy() {
  {
    lock held_lock(mutex_);
    stopping_ = true;
    ::eventfd_write(wake_.get(), 1);
  }
  thread_.join();
}

void tcp_proxy::run() {
  lock held_lock(mutex_);
  while (!stopping_) look(held_lock);
  end_all(cut_by::reset);
}

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
  if (forth.tail.size() >= longest_text) forth.tail.erase(0, forth.tail.size() - (longest_text - 1));

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

/// The last byte of pass_only() has gone.
void tcp_proxy::spent(direction way) {
  auto then = of(way).only->then;
  of(way).only.reset();
  if (const auto* what = std::get_if<flow>(&then))
    apply(way, *what);
  else
    end_all(std::get<cut_by>(then));
}

void tcp_proxy::end(connection& which, cut_by how) {
  which.over = true;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  for (auto* side : {&which.client, &which.server}) {
    if (how == cut_by::reset) ::setsockopt(side->get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    side->close();
  }
  for (auto& forth : which.lanes) forth.forget();
  connections_.remove_if([&](const auto& one) { return one.get() == &which; });
  changed_.notify_all();
}

void tcp_proxy::end_all(cut_by how) {
  const auto all = connections_;
  for (const auto& one : all) end(*one, how);
}

void tcp_proxy::apply(direction way, flow what) {
  of(way).what = what;
  if (what != flow::drop) return;
  for (const auto& one : connections_) one->of(way).forget();
}

/// What poll() looks at is closed only when it returns: waits for that, unless this is an action.
void tcp_proxy::settle(lock& held_lock) {
  ::eventfd_write(wake_.get(), 1);
  if (std::this_thread::get_id() == thread_.get_id()) return;
  const auto mine = ++asked_;
  changed_.wait_for(held_lock, std::chrono::seconds{5}, [&] { return settled_ >= mine; });
}

void tcp_proxy::cut(cut_by how) {
  lock held_lock(mutex_);
  end_all(how);
  settle(held_lock);
}

void tcp_proxy::refuse() {
  lock held_lock(mutex_);
  listener_.close();
  settle(held_lock);
}

void tcp_proxy::accept() {
  lock held_lock(mutex_);
  if (!listener_) listener_ = listen_on(port_);
  settle(held_lock);
}

void tcp_proxy::set(direction way, flow what) {
  lock held_lock(mutex_);
  of(way).only.reset();
  apply(way, what);
  settle(held_lock);
}

void tcp_proxy::delay(direction way, std::chrono::milliseconds by) {
  lock held_lock(mutex_);
  of(way).delay = by;
}

void tcp_proxy::pass_only(direction way, std::uint64_t bytes, std::variant<flow, cut_by> then) {
  lock held_lock(mutex_);
  apply(way, flow::pass);
  of(way).only = allowance{.bytes = bytes, .then = then};
  if (bytes == 0) spent(way);
  settle(held_lock);
}

void tcp_proxy::heal() {
  std::list<watch> forgotten;  // what its actions own goes without the lock
  lock held_lock(mutex_);
  for (auto way : both_ways) {
    auto& rule = of(way);
    rule.what = flow::pass;
    rule.delay = {};
    rule.only.reset();
    forgotten.splice(forgotten.end(), rule.watches);
  }
  if (!listener_) listener_ = listen_on(port_);
  settle(held_lock);
}

std::future<void> tcp_proxy::when(direction way, std::string text, std::function<void()> action) {
  if (text.empty() || text.size() > longest_text) throw std::invalid_argument("when: 1 to 256 bytes");
  watch made{.text = std::move(text), .action = std::move(action), .done = {}};
  auto done = made.done.get_future();
  lock held_lock(mutex_);
  of(way).watches.push_back(std::move(made));
  return done;
}

std::size_t tcp_proxy::connections() const {
  lock held_lock(mutex_);
  return connections_.size();
}

std::uint64_t tcp_proxy::passed(direction way) const {
  lock held_lock(mutex_);
  return of(way).passed;
}

std::size_t tcp_proxy::held(direction way) const {
  lock held_lock(mutex_);
  return waiting(way);
}

std::size_t tcp_proxy::waiting(direction way) const {
  std::size_t all = 0;
  for (const auto& one : connections_) all += one->of(way).bytes;
  return all;
}

bool tcp_proxy::wait_for_connections(std::size_t at_least, std::chrono::milliseconds limit) {
  lock held_lock(mutex_);
  return changed_.wait_for(held_lock, limit, [&] { return connections_.size() >= at_least; });
}

bool tcp_proxy::wait_for_held(direction way, std::size_t at_least, std::chrono::milliseconds limit) {
  lock held_lock(mutex_);
  return changed_.wait_for(held_lock, limit, [&] { return waiting(way) >= at_least; });
}

}  // namespace quipu::test
