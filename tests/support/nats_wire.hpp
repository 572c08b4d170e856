/// NATS spoken by hand, for what a fixture asks a server without a client library.
#pragma once

#include "loopback.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quipu::test {

/// One connection without TLS and without a login. Nothing, or false, means that the time is over or the
/// server is gone: make a new one then. One thread.
class nats_wire {
 public:
  static std::optional<nats_wire> connect(std::uint16_t port, const time_limit& until);

  /// The first answer. Headers of an answer are left out; one without responders is nothing, and at once.
  std::optional<std::string> request(std::string_view subject, std::string_view body,
                                     const time_limit& until);

 private:
  nats_wire(loopback_connection connection, std::string inbox)
      : connection_(std::move(connection)), inbox_(std::move(inbox)) {}
  std::optional<std::string> next_message(std::string_view subject, const time_limit& until);

  loopback_connection connection_;
  std::string inbox_;  ///< the subjects of its answers begin so
  std::uint64_t requests_ = 0;
};

/// A connection, a request, its answer.
std::optional<std::string> nats_request(std::uint16_t port, std::string_view subject, std::string_view body,
                                        std::chrono::milliseconds limit = std::chrono::seconds{5});

}  // namespace quipu::test
