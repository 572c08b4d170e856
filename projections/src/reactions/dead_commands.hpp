/// What people do with dead commands: rows of the outbox, in the open transaction.
#pragma once

#include "reactions/outbox_row.hpp"

#include <quipu/journal/failure.hpp>
#include <quipu/projections/rows.hpp>

#include <cstdint>
#include <vector>

namespace quipu::reacting {

/// All that are dead, and all that wait behind one, in the order of the journal. Throws port::row_trouble, port::damaged_payload.
std::vector<dead_letter> dead_commands(port::rows& outbox);

/// The dead ones of an event go to be sent again, or (`leave_out`) are erased; how many. `projection.no_letter` where there is
/// none, `projection.letter_not_first` where its commands wait behind others.
journal::result<std::uint64_t> release(port::rows& outbox, const event_key& event, bool leave_out);
/// Of all events.
std::uint64_t release_all(port::rows& outbox);

}  // namespace quipu::reacting
