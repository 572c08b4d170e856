/// What the proxy keeps of a connection: for its own sources only.
#pragma once

#include "tcp_proxy.hpp"

#include <array>
#include <chrono>
#include <deque>
#include <string>

namespace quipu::test {

inline constexpr std::size_t most_held = 64 * 1024 * 1024;
inline constexpr std::size_t longest_watched = 256;
inline constexpr std::array both_ways{direction::to_server, direction::to_client};

constexpr direction back(direction way) {
  return way == direction::to_server ? direction::to_client : direction::to_server;
}

struct chunk_of_bytes {
  std::string bytes;
  std::chrono::steady_clock::time_point due;
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

struct tcp_proxy::connection {
  descriptor client;
  descriptor server;
  std::array<lane, 2> lanes;
  bool over = false;

  lane& of(direction way) { return lanes[static_cast<std::size_t>(way)]; }
  const descriptor& source(direction way) const { return way == direction::to_server ? client : server; }
  const descriptor& destination(direction way) const { return source(back(way)); }
  bool readable(direction way) { return !over && !of(way).ended && of(way).bytes < most_held; }
};

}  // namespace quipu::test
