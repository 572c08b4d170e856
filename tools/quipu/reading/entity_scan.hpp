/// The records of one entity.
#pragma once

#include <functional>
#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>

#include "reading/entity_name.hpp"
#include "reading/journal_index.hpp"
#include "reading/record_walk.hpp"

namespace quipu::tool {

/// False: no more.
using commit_visitor = std::function<bool(const record_walk::step& in, const journal::commit_view& commit)>;

/// Shows every commit of the entity, in order, up to record `last` of the journal as it is `now`: with its index where there is
/// one, else by a walk over the entity's partition. Damage is named on stderr and passed over, as the outcome says.
exit_code each_commit_of(const entity_name& entity, journal::journal& in, const journal::summary& now,
                         record_number last, const index_arguments& index, output& out,
                         const commit_visitor& see);

}  // namespace quipu::tool
