#include "reading/entity_scan.hpp"

namespace quipu::tool {

exit_code each_commit_of(journal::journal& in, const entity_name& entity, record_number last, output& out,
                         const commit_visitor& see) {
  const auto partition =
      journal::partition_of(journal::entity_hash(entity.category, entity.key), in.about().partitions);
  record_walk walk(in, 1, last, partition, out);
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
