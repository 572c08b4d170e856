/// A generation that is open for writing: rows, position, counts and dead letters move in one transaction.
#pragma once

#include "projections/applying.hpp"
#include "projections/kept_generation.hpp"

#include <quipu/projections/projector.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

namespace quipu::projecting {

/// One thread at a time.
class generation_writer {
 public:
  using clock = std::chrono::steady_clock;

  /// `wait`: as applying's.
  generation_writer(kept_generation kept, const projector_options& how, applying::pause wait);

  /// Reads where it stands. Before anything else, and after discard().
  result<void> load();
  bool loaded() const { return loaded_; }
  /// load(), and takes over what was skipped elsewhere.
  result<void> begin(const std::vector<skipped_event>& skipped);

  const kept_generation& kept() const { return kept_; }
  /// What was applied, committed or not.
  const progress& where() const { return where_; }
  applying& work() { return applying_; }
  /// Since it was made.
  tally counts() const;
  /// Since it was opened.
  const tally& counts_here() const { return applying_.counts(); }
  std::uint64_t letters() const { return applying_.letters(); }

  /// Applies the record that follows the position. After a failure or an interruption: discard().
  result<applying::outcome> apply(const followed_record& record);
  /// Of records that somebody else reads: what is not past the position is dropped, for it took effect. The others are
  /// applied, and committed when there are enough. After a failure or an interruption it stands where it was committed last,
  /// and is of no use but to be looked at.
  result<applying::outcome> take(const followed_record& record);

  /// Whether a commit would write anything; whether that would be rows, or the position alone.
  bool changed() const { return moved_ || rows_.changed(); }
  bool rows_changed() const { return rows_.changed(); }
  std::uint64_t changed_bytes() const { return rows_.changed_bytes(); }
  clock::time_point committed_at() const { return committed_at_; }
  commit_turns::turn turn() const { return turns_.commit(); }
  /// In a turn that the caller has. After a failure: discard().
  result<void> commit(const commit_turns::turn& ours);
  /// In a turn of its own, and what a wait asks for: discard() after a failure, release().
  result<void> commit();
  /// What is not committed is forgotten.
  void discard();
  /// As pending_rows::release().
  void release() { rows_.release(); }

 private:
  const kept_generation kept_;
  const projector_options how_;
  const commit_turns turns_;
  progress where_;
  pending_rows rows_;
  event_types types_;
  applying applying_;
  bool loaded_ = false;
  counts_row before_;  ///< what was counted when it was opened
  tally committed_counts_;
  std::vector<bool> touched_;  ///< partitions whose tail is not stored yet
  bool moved_ = false;         ///< the position is not stored yet
  std::uint64_t events_ = 0;   ///< since the last commit
  clock::time_point committed_at_ = clock::now();
};

}  // namespace quipu::projecting
