#include "host/status_board.hpp"

#include <algorithm>

namespace quipu::host {

void status_board::publish(std::size_t partition, core::partition_status now) {
  {
    const std::scoped_lock lock(guard_);
    slots_[partition].status = std::move(now);
    ++slots_[partition].version;
  }
  changed_.notify_all();
}

bool status_board::await(const std::function<bool(core::phase)>& enough, clock::time_point until) {
  std::unique_lock lock(guard_);
  return changed_.wait_until(lock, until, [&] {
    return std::ranges::all_of(slots_, [&](const slot& one) { return enough(one.status.phase); });
  });
}

bool status_board::await_newer(const std::vector<std::uint64_t>& since, clock::time_point until) {
  std::unique_lock lock(guard_);
  return changed_.wait_until(lock, until, [&] {
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (slots_[i].version <= since[i]) return false;
    return true;
  });
}

std::vector<core::partition_status> status_board::all() const {
  const std::scoped_lock lock(guard_);
  std::vector<core::partition_status> copies;
  copies.reserve(slots_.size());
  for (const auto& one : slots_) copies.push_back(one.status);
  return copies;
}

std::vector<std::uint64_t> status_board::versions() const {
  const std::scoped_lock lock(guard_);
  std::vector<std::uint64_t> counts;
  counts.reserve(slots_.size());
  for (const auto& one : slots_) counts.push_back(one.version);
  return counts;
}

}  // namespace quipu::host
