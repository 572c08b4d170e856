/// What only the server's monitoring tells: whether it flushes before it acknowledges.
#pragma once

#include <quipu/journal/failure.hpp>

#include <string>

namespace quipu::journal::jetstream {

struct flushing {
  bool always = false;   ///< before every acknowledgement
  std::string interval;  ///< else how often, in words
};

/// Asks http://HOST:PORT/varz. Blocks for two seconds at most.
result<flushing> ask_monitor(const std::string& host_and_port);

}  // namespace quipu::journal::jetstream
