/// A command that is not answered yet, as it is kept.
#pragma once

#include <quipu/context.hpp>
#include <quipu/journal/command_source.hpp>
#include <quipu/projections/dead_letter.hpp>
#include <quipu/projections/envelope.hpp>
#include <quipu/reactions/commands.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::reacting {

/// Numbers of a reaction's tables.
inline constexpr std::uint32_t outbox_table = 0;
inline constexpr std::uint32_t begin_table = 1;
/// The one row of begin_table, there when the reaction did not begin at the journal's start: up to this position (8 bytes,
/// big-endian) events lead to nothing.
inline constexpr std::string_view begin_key = "begin";

/// Which command of which event. In the store big-endian, so that the outbox lies in the order of the journal.
struct row_key {
  position at;
  std::uint16_t index = 0;
  friend auto operator<=>(const row_key&, const row_key&) = default;
};
std::string bytes_of(const row_key& key);
/// Throws port::damaged_payload.
row_key row_key_in(std::string_view bytes);
std::string bytes_of(position at);
position position_in(std::string_view bytes);

/// A command by the names under which any program finds it.
struct named_command {
  std::string category;
  std::string key;
  std::string type;
  bytes body;

  /// "account/acc-17", as people read it.
  std::string target() const;
};

struct outbox_row {
  named_command command;
  std::optional<named_command> if_rejected;
  event_key event;
  dead_letter::time_point time;
  id128 cause;
  id128 trace;
  std::vector<header> headers;
  std::optional<std::string>
      rejection;  ///< set: the command was rejected, and if_rejected is what is to be sent
  bool dead = false;
  std::uint32_t attempts = 0;
  std::string error;
  std::int64_t first_failed_us = 0;
  std::int64_t last_failed_us = 0;

  const named_command& to_send() const { return rejection ? *if_rejected : command; }
  /// Of memory, about.
  std::size_t size() const;
};

/// An event has at most so many commands: each has two indices, its own and its compensation's.
inline constexpr std::size_t commands_most = 32'768;

outbox_row row_for(const port::planned_command& planned, const envelope& from);
std::string bytes_of(const outbox_row& row);
/// Throws port::damaged_payload.
outbox_row row_in(bytes_view bytes);

}  // namespace quipu::reacting
