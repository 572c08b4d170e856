/// From flights to the commands that airports get, in the order in which things happened.
#pragma once

#include <quipu/result.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "flights_csv.hpp"

namespace samples {

/// A departure at the origin or an arrival at the destination.
struct movement {
  std::int64_t at_min = 0;  ///< when it happened, in the departure's local time
  const samples::flight* flight = nullptr;
  bool arrival = false;

  const std::string& airport() const { return arrival ? flight->destination : flight->origin; }
};

/// Two a flight, by time; what happened in the same minute stays in the order of the file, departures first.
/// They point into `flights`.
///
/// The file knows when a flight should have left and how late it came, and neither when it left nor how long
/// it flew. So each delay is taken to have arisen on the ground before the departure, which is where most of
/// it does: a flight left at `scheduled + delay` and came down half an hour and a minute for every eight
/// miles later. Every arrival is after its departure then, and the movements are out of the file's order, as
/// in life. Time zones are not in the file: all times are the departure's.
std::vector<movement> in_order(std::span<const flight> flights);

/// The id of the command that records a movement: the same whenever and by whomever it is computed, so that a
/// command may be sent again after any crash. Ids grow in the order of in_order(), as a UUID of version 7
/// would: time first.
quipu::command_id id_of(const movement& what);

}  // namespace samples
