/// Which records hold what one looks for: by the index where there is one, by the entity's partition where there is none.
///
///   auto index = journal_index::open(given.index, *journal, *sum);
///   auto where = find_records(*journal, {.within = {sum->first, sum->last}, .entity = name}, index);
///   record_walk walk(*journal, where.ranges, where.only, out);
///
/// yields every record with events of the entity, and others: look at each commit.
#pragma once

#include <limits>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <vector>

#include "reading/entity_name.hpp"
#include "reading/range_reader.hpp"
#include "reading/time_argument.hpp"

namespace quipu::tool {

class journal_index;

/// Commits of this entity, of this command and of this time: all that is said must hold.
struct looked_for {
  record_range within;
  time_span time{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  std::optional<entity_name> entity = {};
  std::optional<id128> command = {};
};

/// For record_walk: in order, without overlaps.
struct records_to_read {
  std::vector<record_range> ranges;
  std::optional<journal::partition_id> only;
};

/// No record that holds such a commit is left out, and none that may be damaged. The index is used for what it covers;
/// where it turns out to be damaged that is said on stderr, and everything within is to be read.
records_to_read find_records(const journal::journal& in, const looked_for& what,
                             const std::optional<journal_index>& index);

}  // namespace quipu::tool
