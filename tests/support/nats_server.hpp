/// A real nats-server of a test's own.
#pragma once

#include "loopback.hpp"
#include "nats_build.hpp"
#include "temporary_directory.hpp"
#include "tied_process.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quipu::test {

struct nats_tls {
  std::filesystem::path ca;           ///< that client certificates are checked with
  std::filesystem::path certificate;  ///< the server's
  std::filesystem::path key;
  bool verify_clients = false;  ///< a client without a certificate of that CA is turned away
};

/// What is empty is left to the server's defaults.
struct nats_settings {
  nats_build build = nats_build::installed;
  std::filesystem::path store = {};  ///< kept by the caller; empty: private, gone with the fixture
  bool sync_always = false;          ///< flushes before it acks; 2.10 or later, 2.9 refuses to start
  std::optional<std::uint64_t> max_payload = {};     ///< bytes a message
  std::optional<std::uint64_t> max_file_store = {};  ///< bytes of JetStream's files
  std::string user = {};
  std::string password = {};
  std::string token = {};
  std::string nkey = {};  ///< a public user key ("U…")
  std::optional<nats_tls> tls = {};
  std::string name = {};   ///< the server's name
  std::string extra = {};  ///< more text for its configuration file
};

/// A nats-server with JetStream on a port of 127.0.0.1 that it keeps over restarts, so that clients come back
/// to it. The kernel kills it when the test's process ends. Made stopped. What can't be done throws
/// std::runtime_error, with the server's log where it helps. One thread at a time; port(), monitoring_port(), url(),
/// store(), monitor() and log() from any.
class nats_server {
 public:
  static constexpr std::chrono::seconds patience{30};

  explicit nats_server(nats_settings settings = {});
  ~nats_server();
  nats_server(const nats_server&) = delete;
  nats_server& operator=(const nats_server&) = delete;

  /// Returns when it takes clients (a single server has recovered its streams by then). Starts it with the
  /// settings as they are now. Does nothing when it runs.
  void start(std::chrono::milliseconds limit = patience);
  void kill();                                            ///< SIGKILL, as a crash; the store stays
  void stop(std::chrono::milliseconds limit = patience);  ///< SIGINT, as an operator; returns when it is gone
  void restart();                                         ///< stop() and start()
  void pause();                                           ///< SIGSTOP; returns when it stands still
  void resume();                                          ///< SIGCONT
  bool running() const;

  /// For the next start().
  nats_settings& settings() { return settings_; }

  std::uint16_t port() const { return port_.number(); }
  std::uint16_t monitoring_port() const { return monitoring_.number(); }
  /// nats://127.0.0.1:PORT/JOURNAL, or without a name.
  std::string url(const std::string& journal = {}) const;
  pid_t pid() const;  ///< -1 when there is none

  /// JetStream's store_dir.
  const std::filesystem::path& store() const { return store_; }
  /// The blocks of messages of a stream of the default account, oldest first; for damage while the server is stopped.
  std::vector<std::filesystem::path> blocks(const std::string& stream) const;
  /// Removes everything in the store. Throws std::logic_error while the server runs.
  void empty_store();

  /// An answer of the monitoring port: "/healthz", "/jsz?streams=1", "/varz", "/connz".
  std::optional<std::string> monitor(const std::string& path,
                                     std::chrono::milliseconds limit = std::chrono::seconds{5}) const;
  /// What it has logged since it was made, over all starts; at most the last `bytes`.
  std::string log(std::size_t bytes = 16 * 1024) const;

 private:
  void write_configuration() const;
  void wait_until_ready(const time_limit& until) const;
  [[noreturn]] void fail(const std::string& what) const;

  nats_settings settings_;
  temporary_directory own_;
  reserved_port port_;
  reserved_port monitoring_;
  std::filesystem::path store_;
  std::unique_ptr<tied_process> process_;
};

/// A pair for tests of NKEY logins: everybody knows it.
inline constexpr const char* test_nkey_public = "UDOALMKEEDF6AWBGH56LTKNMCGVCD5LPSWLOVTTBDBV4ZKHMPCNULW2H";
inline constexpr const char* test_nkey_seed = "SUAGUFWGAGCB2JR6NVYVI3A4ZN26L75YI3PBQMNEERW4VNXHYOOLNM3XRE";

}  // namespace quipu::test
