/// Events that a projection could not apply, and what waits behind them.
#pragma once

#include <quipu/journal/position.hpp>
#include <quipu/projections/key.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace quipu {

/// An event that failed as often as it may, or one of the same entity that waits behind such a one. Those of an entity
/// are applied in their order or not at all; other entities go on. Of a reaction also a command that its target would not
/// take, or one to the same target behind it; `event` is what it follows from then, and `type` the command.
struct dead_letter {
  using time_point = std::chrono::sys_time<std::chrono::microseconds>;

  event_key event;
  quipu::position position;
  std::string type;            ///< under which the event is stored
  std::string target = {};     ///< of a command: "category/key", escaped; empty: it is an event
  std::uint32_t attempts = 0;  ///< 0: never tried, it waits behind another one
  std::string error;           ///< of the last attempt
  time_point first_failed;
  time_point last_failed;
};

/// An event that somebody decided to leave out. Rebuilds leave it out too.
struct skipped_event {
  event_key event;
  std::string reason;
  std::chrono::sys_time<std::chrono::microseconds> time;
};

/// What somebody wants to be done with dead letters, by whoever keeps the projection.
struct letter_wish {
  enum class what : std::uint8_t { retry, retry_all, skip };
  what done = what::retry;
  event_key event = {};     ///< not of retry_all
  std::string reason = {};  ///< of a skip
};

/// What came of a retry or a skip.
struct released {
  std::uint64_t applied = 0;  ///< events that left the dead letters and took effect
  std::uint64_t left = 0;     ///< of the entities that were tried: events that are dead letters still
};

}  // namespace quipu
