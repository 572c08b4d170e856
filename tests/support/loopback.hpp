/// Sockets of this machine: ports that stay reserved.
#pragma once

#include "waiting.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace quipu::test {

/// A file descriptor with one owner. One thread.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) : number_(number) {}
  ~descriptor() { close(); }
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

/// A free port of 127.0.0.1 that nobody else gets as long as this lives, also while the server that uses it
/// is down: not another test, and not an outgoing connection either. (A client that reconnects to a free port
/// of the ephemeral range can get that very port for its own end, and is then connected to itself.) A server
/// that sets SO_REUSEADDR, as all of Go do, can listen on it. Throws std::system_error.
class reserved_port {
 public:
  reserved_port();
  std::uint16_t number() const { return number_; }

 private:
  descriptor socket_;
  std::uint16_t number_ = 0;
};

/// A listening, non-blocking socket on a reserved port. Throws std::system_error.
descriptor listen_on(const reserved_port& port);

/// A connection to a port of 127.0.0.1, read by lines or whole. Nothing, or false, means that the limit is
/// over or the other side is gone. One thread.
class loopback_connection {
 public:
  static std::optional<loopback_connection> open(std::uint16_t port, const time_limit& until);

  bool write(std::string_view bytes, const time_limit& until);
  std::optional<std::string> read_line(const time_limit& until);  ///< without its CR LF
  std::optional<std::string> read_exactly(std::size_t bytes, const time_limit& until);
  std::optional<std::string> read_all(const time_limit& until);  ///< until the other side closes

 private:
  explicit loopback_connection(descriptor socket) : socket_(std::move(socket)) {}
  bool read_more(const time_limit& until);

  descriptor socket_;
  std::string unread_;
  bool closed_ = false;
};

/// The body of an answer to GET, whatever its status.
std::optional<std::string> http_get(std::uint16_t port, std::string_view path, const time_limit& until);

}  // namespace quipu::test
