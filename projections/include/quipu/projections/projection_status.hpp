/// How a projection fares, for people and for programs.
#pragma once

#include <quipu/journal/position.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace quipu {

enum class projection_state : std::uint8_t {
  catching_up,  ///< there is more in the journal than it has applied
  following,    ///< it has applied what there is, and waits for more
  waiting,  ///< the journal can't be reached, the disk is full, or somebody else has what is live now: it tries again;
            ///< `text` says why
  paused,   ///< somebody paused it; `text` is the reason
  failed,   ///< it can't go on; `text` says why and how to mend it
  stopped,  ///< start() was not called, or stop() was
};
std::string_view name_of(projection_state state);

/// One word for how much is still to do: `ok` up to a second behind, `low` up to a minute, `high` beyond.
enum class backlog_word : std::uint8_t { ok, low, high };
std::string_view name_of(backlog_word word);
backlog_word backlog_of(std::chrono::milliseconds lag);

struct projection_status {
  std::string name;
  std::uint32_t version = 0;
  std::uint32_t generation = 0;
  projection_state state = projection_state::stopped;
  std::string text;
  quipu::position position;  ///< of the last event in effect, or passed by
  record_number head = 0;    ///< the journal's last record; 0 where the journal can't tell now
  std::uint64_t lag_events =
      0;  ///< not applied yet: an estimate from the records between and their usual size
  /// How old the oldest event may be that is not in effect: since the last one in effect was recorded, or since it had them
  /// all, whichever is later. 0 where it has them all.
  std::chrono::milliseconds lag{0};
  backlog_word backlog = backlog_word::ok;
  double events_per_second = 0;  ///< over the last seconds
  // Since the generation was opened:
  std::uint64_t applied = 0;       ///< events that took effect
  std::uint64_t passed = 0;        ///< of types that it does not want
  std::uint64_t duplicates = 0;    ///< dropped, for they had taken effect before
  std::uint64_t retries = 0;       ///< attempts after a failed one
  std::uint64_t dead_letters = 0;  ///< that there are now
};

}  // namespace quipu
