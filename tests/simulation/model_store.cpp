#include "model_store.hpp"

#include "core/snapshot.hpp"

namespace quipu::simulation {

journal::result<core::partition_checkpoint> model_store::open(core::partition_id partition) {
  auto& kept = now_[partition];
  // A real store notices by row count and digest; the category is replayed from its start.
  for (const auto& category : std::set(kept.lost_rows)) {
    const auto gone = discard(partition, category);
    if (!gone) return std::unexpected(gone.error());
  }
  core::partition_checkpoint out;
  for (const auto& [name, floor] : kept.floors) out.floors.push_back(floor);
  out.newest = kept.newest;
  for (const auto& [name, one] : kept.quarantined) out.quarantined.push_back(one);
  return out;
}

journal::result<std::optional<bytes>> model_store::load(core::partition_id partition,
                                                        std::string_view category, std::string_view key) {
  const auto& rows = now_[partition].rows;
  const auto found = rows.find({std::string(category), std::string(key)});
  if (found == rows.end()) return std::nullopt;
  return found->second;
}

journal::result<void> model_store::write(std::span<const core::snapshot_group> groups) {
  begin_change();
  for (const auto& group : groups) {
    auto& kept = now_[group.partition];
    for (const auto& row : group.rows) {
      kept.rows[{row.category, row.key}] = row.image;
      kept.damaged.erase({row.category, row.key});
    }
    kept.floors.clear();
    for (const auto& floor : group.floors) kept.floors[floor.category] = floor;
    kept.newest = group.newest;
    for (const auto& one : group.quarantined) kept.quarantined[{one.category, one.key}] = one;
    for (const auto& one : group.released) kept.quarantined.erase(one);
  }
  return {};
}

journal::result<void> model_store::discard(core::partition_id partition,
                                           std::optional<std::string_view> category) {
  begin_change();
  auto& kept = now_[partition];
  if (!category) {
    kept = {};
    return {};
  }
  const std::string name(*category);
  const auto of_category = [&](const auto& entry) { return entry.first.first == name; };
  kept.floors.erase(name);
  kept.lost_rows.erase(name);
  std::erase_if(kept.rows, of_category);
  std::erase_if(kept.quarantined, of_category);
  std::erase_if(kept.damaged, [&](const row_name& row) { return row.first == name; });
  return {};
}

void model_store::lose_unflushed(random_source& chance) {
  if (unflushed_.empty()) return;
  const auto keep = chance.below(unflushed_.size() + 1);
  if (keep < unflushed_.size()) now_ = unflushed_[keep];
  unflushed_.clear();
}

bool model_store::hurt_row(random_source& chance) {
  for (auto& [partition, kept] : now_) {
    if (kept.rows.empty()) continue;
    auto which = kept.rows.begin();
    std::advance(which, chance.below(kept.rows.size()));
    unflushed_.clear();  // damage is not undone by a power cut
    if (chance.one_in(2)) {
      which->second[chance.below(which->second.size())] ^= static_cast<std::uint8_t>(1U << chance.below(8));
      kept.damaged.insert(which->first);
    } else {
      kept.lost_rows.insert(which->first.first);
      kept.rows.erase(which);
    }
    return true;
  }
  return false;
}

void model_store::age_rows() {
  for (auto& [partition, kept] : now_)
    for (auto& [name, image] : kept.rows)
      if (auto row = core::decode_snapshot(image)) {
        row->time_us = 0;
        image = core::encode(*row);
      }
}

bool model_store::hurt() const {
  for (const auto& [partition, kept] : now_)
    if (!kept.damaged.empty() || !kept.lost_rows.empty()) return true;
  return false;
}

}  // namespace quipu::simulation
