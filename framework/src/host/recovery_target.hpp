/// The default snapshot policy: keep what a crash would have to replay short enough for the whole node.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

namespace quipu::host {

/// Turns a recovery time and a replay rate into how many events each partition's tail may have. Any thread.
class recovery_target {
 public:
  recovery_target(std::chrono::milliseconds target, std::size_t partitions)
      : target_(target), recent_(partitions) {}

  /// A replay was measured. One that is too short to tell anything is not used.
  void replayed(std::uint64_t events, std::chrono::nanoseconds took);

  /// Budgets by partition, given how many commits each has made since opening: half is shared out equally,
  /// half by what each did lately, so that a hot partition need not write snapshots while others leave their
  /// share unused.
  std::vector<std::uint64_t> budgets(const std::vector<std::uint64_t>& commits);

  std::chrono::milliseconds predict(std::uint64_t tail_events) const;
  double events_per_second() const;
  bool measured() const;

 private:
  const std::chrono::milliseconds target_;
  mutable std::mutex guard_;
  double rate_ = 0;
  struct activity {
    std::uint64_t seen = 0;
    double lately = 0;
  };
  std::vector<activity> recent_;
};

}  // namespace quipu::host
