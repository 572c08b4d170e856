#include "tcp_proxy_lanes.hpp"

#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace quipu::test {

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
  if (text.empty() || text.size() > longest_watched) throw std::invalid_argument("when: 1 to 256 bytes");
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
