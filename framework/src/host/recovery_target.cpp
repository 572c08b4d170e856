#include "host/recovery_target.hpp"

#include <algorithm>

namespace quipu::host {
namespace {

// Until a replay was measured; two busy cores replay a million small events a second.
constexpr double assumed_rate = 500'000;
constexpr std::uint64_t events_that_tell = 20'000;
constexpr auto time_that_tells = std::chrono::milliseconds(20);
// Replay only notes what it reads of entities that have a snapshot, and the commands that come first pay for the rest: a
// tail that is read faster than this would be a debt, of their time and of memory.
constexpr double fastest_reckoned = 1'000'000;
// Opening has more to do than to replay: claims are appended, entities without a snapshot are made.
constexpr double margin = 0.8;
// Below this snapshots would be written for nearly every event.
constexpr std::uint64_t least_budget = 1'000;

}  // namespace

void recovery_target::replayed(std::uint64_t events, std::chrono::nanoseconds took) {
  if (events < events_that_tell || took < time_that_tells) return;
  const std::scoped_lock lock(guard_);
  rate_ =
      std::min(fastest_reckoned, static_cast<double>(events) / std::chrono::duration<double>(took).count());
}

double recovery_target::events_per_second() const {
  const std::scoped_lock lock(guard_);
  return rate_ > 0 ? rate_ : assumed_rate;
}

bool recovery_target::measured() const {
  const std::scoped_lock lock(guard_);
  return rate_ > 0;
}

std::vector<std::uint64_t> recovery_target::budgets(const std::vector<std::uint64_t>& commits) {
  const double total = events_per_second() * std::chrono::duration<double>(target_).count() * margin;
  const std::scoped_lock lock(guard_);
  double sum = 0;
  for (std::size_t i = 0; i < recent_.size(); ++i) {
    auto& one = recent_[i];
    one.lately = one.lately / 2 + static_cast<double>(commits[i] - std::min(commits[i], one.seen));
    one.seen = commits[i];
    sum += one.lately;
  }
  std::vector<std::uint64_t> shares;
  shares.reserve(recent_.size());
  const double equal = 1.0 / static_cast<double>(recent_.size());
  for (const auto& one : recent_) {
    const double share = sum > 0 ? (equal + one.lately / sum) / 2 : equal;
    shares.push_back(std::max(static_cast<std::uint64_t>(total * share), least_budget));
  }
  return shares;
}

std::chrono::milliseconds recovery_target::predict(std::uint64_t tail_events) const {
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(tail_events) * 1000 / events_per_second()));
}

}  // namespace quipu::host
