#include "loopback.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace quipu::test {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

descriptor tcp_socket() {
  descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made) fail("socket");
  return made;
}

void bind_to(const descriptor& socket, std::uint16_t port) {
  auto address = loopback(port);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
}

void share_address(const descriptor& socket) {
  const int yes = 1;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) fail("SO_REUSEADDR");
}

/// Whether it is ready in time.
bool wait_for(const descriptor& socket, short events, const time_limit& until) {
  pollfd one{.fd = socket.get(), .events = events, .revents = 0};
  while (!until.over()) {
    int ready = ::poll(&one, 1, static_cast<int>(until.left().count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

}  // namespace

void descriptor::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

reserved_port::reserved_port() : socket_(tcp_socket()) {
  // Bound alone, so that no other reservation has the same port; shared only afterwards, and never listening,
  // so that the server's own bind succeeds.
  bind_to(socket_, 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
  number_ = ntohs(address.sin_port);
  share_address(socket_);
}

descriptor listen_on(const reserved_port& port) {
  auto socket = tcp_socket();
  share_address(socket);
  bind_to(socket, port.number());
  if (::listen(socket.get(), SOMAXCONN) != 0) fail("listen");
  return socket;
}

std::optional<loopback_connection> loopback_connection::open(std::uint16_t port, const time_limit& until) {
  auto socket = tcp_socket();
  auto address = loopback(port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EINPROGRESS || !wait_for(socket, POLLOUT, until)) return std::nullopt;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
      return std::nullopt;
  }
  return loopback_connection(std::move(socket));
}

bool loopback_connection::write(std::string_view bytes, const time_limit& until) {
  while (!bytes.empty()) {
    auto wrote = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (wrote >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    else if (errno == EAGAIN && !wait_for(socket_, POLLOUT, until))
      return false;
    else if (errno != EAGAIN && errno != EINTR)
      return false;
  }
  return true;
}

bool loopback_connection::read_more(const time_limit& until) {
  std::array<char, 64 * 1024> room;
  while (!closed_ && wait_for(socket_, POLLIN, until)) {
    auto got = ::recv(socket_.get(), room.data(), room.size(), 0);
    if (got > 0) {
      unread_.append(room.data(), static_cast<std::size_t>(got));
      return true;
    }
    closed_ = got == 0 || (errno != EAGAIN && errno != EINTR);
  }
  return false;
}

std::optional<std::string> loopback_connection::read_line(const time_limit& until) {
  std::size_t end = 0;
  while ((end = unread_.find("\r\n")) == std::string::npos)
    if (!read_more(until)) return std::nullopt;
  auto line = unread_.substr(0, end);
  unread_.erase(0, end + 2);
  return line;
}

std::optional<std::string> loopback_connection::read_exactly(std::size_t bytes, const time_limit& until) {
  while (unread_.size() < bytes)
    if (!read_more(until)) return std::nullopt;
  auto part = unread_.substr(0, bytes);
  unread_.erase(0, bytes);
  return part;
}

std::optional<std::string> loopback_connection::read_all(const time_limit& until) {
  while (read_more(until)) {
  }
  if (!closed_) return std::nullopt;
  return std::exchange(unread_, {});
}

std::optional<std::string> http_get(std::uint16_t port, std::string_view path, const time_limit& until) {
  auto connection = loopback_connection::open(port, until);
  auto request = "GET " + std::string(path) + " HTTP/1.0\r\nHost: localhost\r\n\r\n";
  if (!connection || !connection->write(request, until)) return std::nullopt;
  auto answer = connection->read_all(until);
  if (!answer) return std::nullopt;
  auto head = answer->find("\r\n\r\n");
  if (head == std::string::npos) return std::nullopt;
  return answer->substr(head + 4);
}

}  // namespace quipu::test
