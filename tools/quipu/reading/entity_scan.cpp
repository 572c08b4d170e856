#include "reading/entity_scan.hpp"

#include <algorithm>

#include "reading/entity_records.hpp"

namespace quipu::tool {

exit_code each_commit_of(const entity_name& entity, journal::journal& in, const journal::summary& now,
                         record_number last, const index_arguments& index, output& out,
                         const commit_visitor& see) {
  const auto found = journal_index::open(index, in, now);
  const auto where =
      find_records(in, {.within = {now.first, std::min(now.last, last)}, .entity = entity}, found);
  record_walk walk(in, where.ranges, where.only, out);
  while (auto step = walk.next()) {
    for (std::uint32_t i = 0; i < step->view.commit_count(); ++i) {
      const auto commit = step->view.commit_at(i);
      if (commit.key != entity.key || commit.category != entity.category) continue;
      if (!see(*step, commit)) return walk.outcome();
    }
  }
  return walk.outcome();
}

}  // namespace quipu::tool
