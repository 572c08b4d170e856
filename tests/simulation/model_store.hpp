/// A checkpoint store in memory that forgets and damages what a disk may forget and damage.
#pragma once

#include "core/checkpoint.hpp"
#include "random_source.hpp"

#include <map>
#include <set>
#include <vector>

namespace quipu::simulation {

/// Every write is whole or not at all. A power cut takes back the last writes that were not flushed, newest
/// first, so that what remains is always a state that was. One thread.
class model_store final : public core::checkpoint_store {
 public:
  using row_name = std::pair<std::string, std::string>;  // category, key

  /// What a partition's checkpoint holds; the checks look at it.
  struct contents {
    std::map<row_name, bytes> rows;
    std::map<std::string, core::category_floor> floors;
    core::newest_record newest;
    std::map<row_name, core::quarantine> quarantined;
    std::set<row_name> damaged;       ///< rows that a fault has changed
    std::set<std::string> lost_rows;  ///< categories in which the row count no longer fits
  };

  journal::result<core::partition_checkpoint> open(core::partition_id partition) override;
  journal::result<std::optional<bytes>> load(core::partition_id partition, std::string_view category,
                                             std::string_view key) override;
  journal::result<void> write(std::span<const core::snapshot_group> groups) override;
  journal::result<void> discard(core::partition_id partition,
                                std::optional<std::string_view> category) override;

  /// \name Faults
  /// @{
  void flush() { unflushed_.clear(); }
  /// A power cut after any of the writes since the last flush.
  void lose_unflushed(random_source& chance);
  /// Changes or removes a row; while nobody has the store open.
  bool hurt_row(random_source& chance);
  /// Its rows become those of a program that did not yet keep the time of an entity's last commit.
  void age_rows();
  bool hurt() const;
  /// @}

  const contents& look(core::partition_id partition) { return now_[partition]; }

 private:
  using everything = std::map<core::partition_id, contents>;
  void begin_change() { unflushed_.push_back(now_); }

  everything now_;
  std::vector<everything> unflushed_;  // what it was before each write since the last flush
};

}  // namespace quipu::simulation
