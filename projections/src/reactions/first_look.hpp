/// Before a reaction begins: whether its store is the one that it had.
#pragma once

#include "projections/store.hpp"

#include <quipu/reactions/reactor.hpp>

namespace quipu::reacting {

/// Up to where events lead to nothing: what the store says, or what `begin` says of a new one, and then that is kept.
/// `reaction.store_lost` where the journal has commands that follow from events which the store has not seen: the store is new,
/// or an older copy. (Its position is durable before anything that follows from it is sent.)
journal::result<position> begin_of(const port::reaction_type& what, const projecting::opened_store& store,
                                   journal::journal& from, reaction_begin begin);

}  // namespace quipu::reacting
