/// A TCP proxy that loses, delays and cuts, as a network does.
#pragma once

#include "loopback.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

namespace quipu::test {

enum class direction : unsigned char { to_server, to_client };

/// What happens to the bytes of a direction. A side's end of connection goes the way of its bytes: while they
/// are dropped or held, the other side does not hear of it, as with a cut cable.
enum class flow : unsigned char {
  pass,
  drop,  ///< read and thrown away, those that wait as well; the connection stays
  hold,  ///< kept, up to 64 MiB a connection, until pass lets them go on in their order, or drop or a cut ends them
};

enum class cut_by : unsigned char {
  reset,  ///< RST: both sides see an error
  close,  ///< FIN: what was passed on arrives first
};

/// Forwards 127.0.0.1:port() to 127.0.0.1:(server's port), over one thread of its own, which the destructor
/// joins. Knows no protocol. What a call says holds for all connections, now and later, and when it has
/// returned no byte passes against it. Any thread, and the actions of when() too.
class tcp_proxy {
 public:
  explicit tcp_proxy(std::uint16_t server_port);
  ~tcp_proxy();
  tcp_proxy(const tcp_proxy&) = delete;
  tcp_proxy& operator=(const tcp_proxy&) = delete;

  std::uint16_t port() const { return port_.number(); }

  void cut(cut_by how = cut_by::reset);  ///< all connections; new ones are welcome
  void refuse();                         ///< no new ones: connection refused
  void accept();                         ///< new ones again
  void set(direction way, flow what);
  /// From now on each chunk of bytes goes on this much later.
  void delay(direction way, std::chrono::milliseconds by);
  /// Passes `bytes` more (over all connections; what is held goes first), then does what is said.
  void pass_only(direction way, std::uint64_t bytes, std::variant<flow, cut_by> then);
  /// Everything as in the beginning; what was held goes on, what when() waits for is forgotten.
  void heal();

  /// Once, when `text` (at most 256 bytes) comes by, the action is called, in the proxy's thread: before any
  /// byte of the chunk in which the text ends goes on, so that what the action says holds for that chunk. An
  /// action must not wait for something that needs the proxy. The future is ready when the action has
  /// returned, and broken when it was forgotten.
  std::future<void> when(direction way, std::string text, std::function<void()> action = {});

  std::size_t connections() const;
  std::uint64_t passed(direction way) const;  ///< bytes, over all connections
  std::size_t held(direction way) const;      ///< bytes that wait, delayed ones as well
  /// Whether there are so many, waiting for it.
  bool wait_for_connections(std::size_t at_least, std::chrono::milliseconds limit = std::chrono::seconds{10});
  bool wait_for_held(direction way, std::size_t at_least,
                     std::chrono::milliseconds limit = std::chrono::seconds{10});

 private:
  struct connection;
  struct watch {
    std::string text;
    std::function<void()> action;
    std::promise<void> done;
  };
  struct allowance {
    std::uint64_t bytes;
    std::variant<flow, cut_by> then;
  };
  struct rules {
    flow what = flow::pass;
    std::chrono::milliseconds delay{0};
    std::optional<allowance> only;
    std::list<watch> watches;
    std::uint64_t passed = 0;
  };
  using lock = std::unique_lock<std::mutex>;

  void run();
  void look(lock& held_lock);
  void take_clients();
  void read_from(connection& from, direction way, lock& held_lock);
  void call_watches(connection& from, direction way, std::string_view chunk, lock& held_lock);
  void write_to(connection& to, direction way);
  void spent(direction way);
  void end(connection& which, cut_by how);
  void end_all(cut_by how);
  void apply(direction way, flow what);
  void settle(lock& held_lock);
  std::size_t waiting(direction way) const;
  rules& of(direction way) { return rules_[static_cast<std::size_t>(way)]; }
  const rules& of(direction way) const { return rules_[static_cast<std::size_t>(way)]; }

  const std::uint16_t server_port_;
  reserved_port port_;
  descriptor wake_;  ///< an eventfd: the thread looks again
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  descriptor listener_;
  std::list<std::shared_ptr<connection>> connections_;
  std::array<rules, 2> rules_;
  std::uint64_t asked_ = 0;    ///< how often a caller wanted the thread to have looked again
  std::uint64_t settled_ = 0;  ///< up to which of them it has
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace quipu::test
