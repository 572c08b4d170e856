#include <quipu/projections/rebuild.hpp>

#include "projections/rebuild_pass.hpp"

#include <utility>

namespace quipu {

rebuild::rebuild(std::unique_ptr<projecting::rebuild_pass> work) : work_(std::move(work)) {}
rebuild::~rebuild() = default;

std::vector<rebuild_state> rebuild::states() const { return work_->states(); }
journal::result<rebuild_end> rebuild::up_to(record_number last, const rebuild_look& look) {
  return work_->up_to(last, look);
}
journal::result<rebuild_end> rebuild::up_to_live(const rebuild_look& look) { return work_->up_to_live(look); }
journal::result<std::optional<comparison>> rebuild::compare(std::size_t index, std::size_t first,
                                                            const rebuild_look& look) {
  return work_->compare(index, first, look);
}
journal::result<rebuild_end> rebuild::promote(const rebuild_look& look) { return work_->promote(look); }
journal::result<std::vector<std::pair<std::string, std::uint64_t>>> rebuild::row_counts(
    std::size_t index) const {
  return work_->row_counts(index);
}
journal::result<std::vector<dead_letter>> rebuild::dead_letters(std::size_t index, std::size_t limit) const {
  return work_->dead_letters(index, limit);
}

}  // namespace quipu
