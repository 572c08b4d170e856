/// What only the server's monitoring tells: whether it flushes before it acknowledges, and how full its store is.
#pragma once

#include <quipu/journal/failure.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace quipu::journal::jetstream {

struct flushing {
  bool always = false;                ///< before every acknowledgement
  std::string interval;               ///< else how often, in words
  std::optional<std::uint64_t> room;  ///< bytes left of max_file_store
};

/// Asks http://HOST:PORT/varz. Blocks for two seconds at most.
result<flushing> ask_monitor(const std::string& host_and_port);

}  // namespace quipu::journal::jetstream
