/// Three real nats-servers that are one JetStream.
#pragma once

#include "nats_server.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace quipu::test {

/// A cluster of three on loopback, of the build sid unless the settings name another. The fixture speaks to
/// the members without TLS and login, so the settings must ask for none. What can't be done throws
/// std::runtime_error, with the members' logs where they help. One thread at a time; port(), url() any.
class nats_cluster {
 public:
  static constexpr std::size_t size = 3;
  static constexpr std::chrono::seconds patience{60};

  /// Starts all three and waits as wait_until_ready() does. Settings' name, store and extra are the
  /// cluster's own.
  explicit nats_cluster(nats_settings settings = {.build = nats_build::sid},
                        std::chrono::milliseconds limit = patience);

  /// To kill, start, pause, stop, look at. A member that start() brings back is not in its place yet when it
  /// takes clients: wait_until_ready() says when.
  nats_server& member(std::size_t i) { return *members_.at(i); }
  const nats_server& member(std::size_t i) const { return *members_.at(i); }

  /// nats://127.0.0.1:P1,127.0.0.1:P2,127.0.0.1:P3/JOURNAL
  std::string url(const std::string& journal = {}) const;

  /// Until there is a leader that sees all members which run (`members` of them) in their place, so that a
  /// stream with as many replicas can be made.
  void wait_until_ready(std::chrono::milliseconds limit = patience, std::size_t members = size);

  /// Who leads JetStream itself, or a stream; nothing while nobody does. Asks the members that run, each for
  /// at most a second.
  std::optional<std::size_t> leader() const;
  std::optional<std::size_t> leader_of(const std::string& stream) const;
  /// The same, and waits until there is one, and it runs.
  std::size_t wait_for_leader_of(const std::string& stream, std::chrono::milliseconds limit = patience);
  /// Until all replicas of the stream have all of it. A member that was away is then as good as the others.
  void wait_until_replicated(const std::string& stream, std::chrono::milliseconds limit = patience);

  std::string logs() const;

 private:
  std::optional<std::string> ask(const std::string& subject) const;
  std::optional<std::size_t> member_named(const std::string& name) const;
  template <class Condition>
  void wait_for(const std::string& what, std::chrono::milliseconds limit, Condition holds) const;

  std::array<reserved_port, size> routes_;
  std::array<std::unique_ptr<nats_server>, size> members_;
};

}  // namespace quipu::test
