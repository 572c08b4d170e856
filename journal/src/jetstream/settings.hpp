/// Where a JetStream journal is and how it is reached: the URL, its options and the login, put together.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/login.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quipu::journal::jetstream {

struct settings {
  std::vector<std::string> servers;  ///< nats://HOST:PORT each, without a login
  std::string name;                  ///< of the stream, and the first token of its subjects
  server_login login;
  bool tls = false;
  bool memory_storage = false;  ///< the stream may keep its messages in memory: they end with the server
  bool allows_deletes = false;  ///< the stream may let messages be deleted and purged
  std::string monitor;  ///< HOST:PORT of the server's monitoring, to ask whether it flushes before it acks
  std::chrono::milliseconds duplicate_window{20'000};  ///< of a stream that is created

  /// The servers, for people; no secret is in it.
  std::string place() const;
};

/// `place` is what stands between `nats:` and `?`; `options` what stands behind. Empty members of `given` are filled in
/// from the URL and then from the environment. `invalid` says what is wrong, without repeating a secret.
result<settings> settings_of(std::string_view place,
                             const std::vector<std::pair<std::string_view, std::string_view>>& options,
                             const server_login& given);

/// Long enough for a server that is well, short enough to notice one that is not.
namespace patience {
inline constexpr std::chrono::milliseconds connecting{2'000};
inline constexpr std::chrono::milliseconds grace{
    500};  ///< of a library that should have kept the deadline itself
inline constexpr std::chrono::milliseconds writing{3'000};
inline constexpr std::chrono::milliseconds ping_every{2'000};  ///< two without an answer end the connection
inline constexpr std::chrono::milliseconds answer{4'000};      ///< of the server's API
inline constexpr std::chrono::milliseconds ack{5'000};         ///< of an append
inline constexpr std::chrono::milliseconds owner{1'000};  ///< of another process that may own the journal
}  // namespace patience

}  // namespace quipu::journal::jetstream
