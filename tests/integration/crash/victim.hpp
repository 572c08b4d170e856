/// The bank's process: started, listened to, and killed at a moment that was drawn beforehand.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "entry.hpp"

namespace quipu::test::crash {

/// When to kill: a while after a certain entry (or the start), or on the n-th entry from there on.
struct moment {
  std::optional<note> from;  ///< nothing: from the start of the process
  std::chrono::microseconds after{0};
  std::optional<std::uint64_t> entries;  ///< instead of a time: so many entries later
};

struct death {
  bool killed = false;         ///< by us
  int status = 0;              ///< else: how it ended by itself, as waitpid() says it
  bool stuck = false;          ///< it told nothing for too long and was killed for that
  std::optional<note> during;  ///< what it had told last, answers and questions aside; nothing: still opening
};

/// Runs `command` until it is killed or ends (`when` empty: until it ends). `listen` gets every entry that it
/// wrote, those it wrote before it was killed included. Throws std::system_error when it cannot be started.
death run_victim(std::vector<std::string> command, const std::optional<moment>& when,
                 const std::function<void(const entry&)>& listen);

}  // namespace quipu::test::crash
