#include "projections/generation_writer.hpp"

#include <string>
#include <utility>

namespace quipu::projecting {

generation_writer::generation_writer(kept_generation kept, const projector_options& how, applying::pause wait)
    : kept_(std::move(kept)),
      how_(how),
      turns_(kept_.home.directory_of(kept_.number)),
      rows_(*kept_.store, how_.cache_bytes),
      types_(*kept_.what, *kept_.from),
      applying_(*kept_.what, types_, rows_, how_, std::move(wait)) {
  // Where they can't be read load() says so.
  if (const auto counted = load_counts(*kept_.store); counted && *counted) before_ = **counted;
}

result<void> generation_writer::load() {
  auto& environment = *kept_.store->environment;
  if (environment.is_down()) {  // a commit failed, and so did opening it again
    if (auto opened = environment.reopen(); !opened) return opened;
  }
  auto loaded = load_progress(*kept_.store, kept_.from->about().partitions);
  if (!loaded) return std::unexpected(loaded.error());
  where_ = std::move(*loaded);
  touched_.assign(where_.tails.size(), false);
  moved_ = false;
  if (auto known = applying_.reload(); !known) return known;
  loaded_ = true;
  return {};
}

result<void> generation_writer::begin(const std::vector<skipped_event>& skipped) {
  if (auto known = load(); !known) return known;
  applying_.keep_skips(skipped);
  return commit();
}

tally generation_writer::counts() const {
  const auto& now = applying_.counts();
  return {before_.applied + now.applied, before_.passed + now.passed, before_.duplicates + now.duplicates,
          before_.retries + now.retries};
}

result<applying::outcome> generation_writer::apply(const followed_record& record) {
  auto taken = applying_.take(record);
  if (!taken || *taken == applying::outcome::interrupted) return taken;
  move_past(record, where_);
  touched_[record.stored.partition] = true;
  moved_ = true;
  events_ += record.view.event_count();
  return taken;
}

result<applying::outcome> generation_writer::take(const followed_record& record) {
  const auto at = where_.at.position.record();
  if (record.stored.number < at) return applying::outcome::done;
  if (record.stored.number == at) {
    if (record.view.sum() == where_.at.record) return applying::outcome::done;
    return fail(error_code::projection_other_journal,
                "record " + std::to_string(at) +
                    " is not the one that was applied: the journal was cut back and written on; rebuild the "
                    "projection anew");
  }
  auto taken = apply(record);
  if (!taken || *taken == applying::outcome::interrupted) {
    discard();
    return taken;
  }
  if (events_ >= how_.group_events || rows_.changed_bytes() >= how_.group_bytes ||
      clock::now() - committed_at_ >= how_.group_time) {
    if (auto done = commit(); !done) return std::unexpected(done.error());
  }
  return taken;
}

void generation_writer::discard() {
  rows_.discard();
  if (auto at = load_progress(*kept_.store, kept_.from->about().partitions)) where_ = std::move(*at);
  touched_.assign(where_.tails.size(), false);
  moved_ = false;
  events_ = 0;
  loaded_ = false;
  applying_.count_again_from(committed_counts_);
}

result<void> generation_writer::commit(const commit_turns::turn&) {
  if (moved_) {
    rows_.put(meta_table, progress_key, bytes_of(where_.at));
    const auto now = counts();
    rows_.put(meta_table, counts_key,
              bytes_of(counts_row{now.applied, now.passed, now.duplicates, now.retries}));
    for (std::uint32_t partition = 0; partition < touched_.size(); ++partition)
      if (touched_[partition]) rows_.put(meta_table, tail_key(partition), bytes_of(where_.tails[partition]));
  }
  if (rows_.changed()) {
    if (auto done = rows_.commit(); !done) return done;
  }
  committed_counts_ = applying_.counts();
  touched_.assign(touched_.size(), false);
  moved_ = false;
  events_ = 0;
  committed_at_ = clock::now();
  return {};
}

result<void> generation_writer::commit() {
  result<void> done;
  if (changed()) {
    const auto ours = turn();
    done = commit(ours);
  }
  if (!done) discard();
  rows_.release();
  return done;
}

}  // namespace quipu::projecting
