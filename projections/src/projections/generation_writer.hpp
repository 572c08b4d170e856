/// A generation that is made from records which somebody else reads.
#pragma once

#include "projections/applying.hpp"
#include "projections/projector_thread.hpp"

#include <quipu/projections/projector.hpp>

#include <cstdint>
#include <vector>

namespace quipu::projecting {

/// One thread at a time.
class generation_writer {
 public:
  /// `wait`: as applying's.
  generation_writer(kept_generation kept, const projector_options& how, applying::pause wait);

  /// Reads where it stands, and takes over what was skipped elsewhere. Before anything else.
  result<void> begin(const std::vector<skipped_event>& skipped);

  const kept_generation& kept() const { return kept_; }
  const progress& where() const { return where_; }
  tally counts() const;
  std::uint64_t letters() const { return applying_.letters(); }

  /// What is not past the position is dropped: it took effect. The others are applied, and committed when there are enough.
  /// After a failure or an interruption it stands where it was committed last, and is of no use but to be looked at.
  result<applying::outcome> take(const followed_record& record);
  result<void> commit();

 private:
  using clock = std::chrono::steady_clock;

  void start_over();

  const kept_generation kept_;
  const projector_options how_;
  const commit_turns turns_;
  progress where_;
  pending_rows rows_;
  event_types types_;
  applying applying_;
  counts_row before_;  ///< what was counted when it was opened
  tally committed_counts_;
  std::vector<bool> touched_;
  bool moved_ = false;
  std::uint64_t events_ = 0;  ///< since the last commit
  clock::time_point committed_at_ = clock::now();
};

}  // namespace quipu::projecting
