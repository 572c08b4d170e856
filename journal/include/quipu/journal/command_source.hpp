/// What a command came from, when a reaction sent it: how its target knows a repeat of it however late it comes.
///
/// A reaction is a projection that sends commands to entities. It may send one again at any time before it has its
/// answer: after a crash, weeks later, out of order. Ids alone would not do, for an entity forgets those
/// (port::repeat_window); so the command says which event it follows from, and the target keeps a mark of it for as long
/// as a repeat may come: until the reaction says that everything up to there is settled. docs/adr/0006 has the reasons.
#pragma once

#include <quipu/journal/id.hpp>
#include <quipu/journal/position.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace quipu {

/// Stored with the commit of a command that took effect. Positions are those of the journal that the target lives in:
/// the reaction follows the same one.
struct command_source {
  /// Which reaction: reaction_hash() of its name. Never 0.
  std::uint64_t reaction = 0;
  /// Of the event that it reacts to.
  position at;
  /// Which of the commands that follow from this event; a compensation has an index of its own.
  std::uint16_t index = 0;
  /// Every command of this reaction that belongs to an event up to here was answered, and will never be sent again: its
  /// mark may go. Lies before `at`. May be older than what was said before; the newest counts.
  position settled;

  friend bool operator==(const command_source&, const command_source&) = default;
};

/// Whether there can be such a source: it names a reaction, and `settled` lies before `at`.
constexpr bool is_possible(const command_source& source) {
  return source.reaction != 0 && source.settled < source.at;
}

/// Of a reaction's name, the same for ever and in every process. Never 0.
std::uint64_t reaction_hash(std::string_view name);

/// The id of a command with this source, derived and so the same each time that it is sent: a UUID of version 7 that
/// begins with the time of the event (of its commit), in milliseconds; 74 bits of XXH3-128 of reaction, position and
/// index follow. `settled` does not count: it moves on between two sendings. A time before 1970 counts as 1970.
id128 id_of(const command_source& source, std::chrono::sys_time<std::chrono::microseconds> event_time);

}  // namespace quipu
