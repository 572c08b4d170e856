// Snapshots, floors, and which entities stay in memory.
#include "core/partition_parts.hpp"
#include "core/snapshot.hpp"

#include <algorithm>
#include <utility>

namespace quipu::core {
namespace {

constexpr time_us store_retry = 1'000'000;

}  // namespace

std::optional<std::uint16_t> partition::category_index(std::string_view name) const {
  for (std::size_t i = 0; i < categories_.size(); ++i)
    if (categories_[i].type->category == name) return static_cast<std::uint16_t>(i);
  return std::nullopt;
}

// A cell whose snapshot may be in the store starts cold: replay only notes what came after the snapshot, so that opening
// takes as long as reading the tail, and not as long as loading every entity that is in it.
cell& partition::find_or_make(std::uint16_t category, std::string_view key, std::uint64_t hash) {
  if (auto* known = cells_.find(category, key, hash)) {
    cells_.used(*known);
    return *known;
  }
  auto& made = cells_.insert(category, categories_[category].type, key, hash);
  if (categories_[category].has_rows) made.phase = cell_phase::cold;
  return made;
}

void partition::load(cell& where) {
  where.phase = cell_phase::loading;
  ++loads_open_;
  out_->loads.push_back({where.type->category, where.key});
}

void partition::mark_dirty(cell& where, position since, std::uint64_t events_before) {
  if (where.dirty) return;
  cells_.to_dirty(where);
  where.dirty_since = since;
  where.events_before_dirty = events_before;
  where.dirty_at = now_;
}

// Every event before this is in a snapshot, stored or in the group that is being made.
position partition::floor_now() const {
  return cells_.dirty().empty() ? next_position() : cells_.dirty().front()->dirty_since;
}

position partition::next_position() const {
  return position::start_of((phase_ == phase::replaying ? replayed_to_ : tail_) + 1);
}

bool partition::snapshots_due() const {
  if (store_busy_ || loads_open_ != 0 || store_retry_at_ > now_) return false;
  const auto& dirty = cells_.dirty();
  if (dirty.empty()) return !new_quarantines_.empty() || !released_.empty();
  const auto cap = config_.limits.resident_entities;
  const auto every = std::chrono::microseconds(config_.snapshots.every).count();
  return phase_ == phase::closing || !due_.empty() ||
         durable_events_ - dirty.front()->events_before_dirty > tail_budget_ ||
         (every > 0 && dirty.front()->dirty_at + every <= now_) ||
         (active_cells() * 8 > std::size_t{cap} * 7 && dirty.size() * 4 > cap);
}

void partition::take_snapshots() {
  if (!snapshots_due()) return;
  out_->snapshots.emplace();
  auto& group = *out_->snapshots;
  group.partition = config_.id;
  std::size_t size = 0;
  for (auto* where : std::exchange(due_, {}))
    if (where->dirty) add_to_group(*where, size);
  auto& dirty = cells_.dirty();
  for (auto next = dirty.begin(); next != dirty.end();) {
    auto& where = **next++;
    if (where.phase == cell_phase::cold) load(where);  // it goes with the next group
    if (group.rows.size() + loads_open_ >= config_.limits.snapshots_per_group ||
        size >= config_.limits.snapshot_group_bytes)
      break;
    add_to_group(where, size);
  }
  if (group.rows.empty() && new_quarantines_.empty() && released_.empty()) {
    out_->snapshots.reset();  // what is dirty is being loaded or rebuilt
    return;
  }
  floor_in_group_ = floor_now();
  for (const auto& category : categories_)
    group.floors.push_back(
        {category.type->category, category.type->fingerprint, std::max(category.floor, floor_in_group_)});
  newest_ = {tail_, tail_sum_};
  group.newest = newest_;
  group.quarantined = new_quarantines_;
  // Out of quarantine with the row that takes its place, or after it, and never before.
  const auto dirty_still = std::ranges::partition(released_, [this](const auto& name) {
    const auto category = category_index(name.first);
    const auto* where = cells_.find(*category, name.second, journal::entity_hash(name.first, name.second));
    return where == nullptr || !where->dirty;
  });
  group.released.assign(released_.begin(), dirty_still.begin());
  quarantines_in_group_ = new_quarantines_.size();
  released_in_group_ = group.released.size();
  store_busy_ = true;
  store_retry_at_ = 0;
}

void partition::add_to_group(cell& where, std::size_t& size) {
  if (where.phase != cell_phase::ready && where.phase != cell_phase::catching_up) return;
  bytes image;
  try {
    image = encode(where, {*where.type, where.key, config_.journal.incarnation}, reply_scratch_);
  } catch (...) {  // an own save(), or evolve left a null where the state's table allows none
    return quarantine_cell(where, where.dirty_since, "its state cannot be saved: " + what_was_thrown());
  }
  where.state_bytes = static_cast<std::uint32_t>(reply_scratch_.size());
  where.grown_bytes = 0;
  where.events_since_snapshot = 0;
  auto& row = out_->snapshots->rows.emplace_back();
  row.category = where.type->category;
  row.key = where.key;
  row.image = std::move(image);
  size += row.image.size();
  where.writing = true;
  where.writing_since = where.dirty_since;
  where.events_before_writing = where.events_before_dirty;
  cells_.to_idle(where);
  writing_.push_back(&where);
  categories_[where.category].has_rows = true;
}

void partition::on(input::snapshots_stored& in) {
  if (!store_busy_) return;
  store_busy_ = false;
  auto written = std::exchange(writing_, {});
  if (!in.result) {
    note(effect::note_kind::snapshot_failed,
         "snapshots could not be stored, and will be tried again: " + in.result.error().text);
    store_retry_at_ = now_ + store_retry;
    for (auto* where : written) {
      where->writing = false;
      if (where->phase == cell_phase::quarantined) continue;
      cells_.back_to_dirty(*where);
      where->dirty_since = where->writing_since;
      where->events_before_dirty = where->events_before_writing;
    }
    cells_.dirty().sort([](const cell* a, const cell* b) { return a->dirty_since < b->dirty_since; });
    return;
  }
  for (auto* where : written) {
    where->writing = false;
    if (where->dirty || where->has_pending()) continue;
    where->newest = {};
    where->newest_kept = false;
  }
  for (auto& category : categories_) category.floor = std::max(category.floor, floor_in_group_);
  new_quarantines_.erase(new_quarantines_.begin(),
                         new_quarantines_.begin() + static_cast<std::ptrdiff_t>(quarantines_in_group_));
  released_.erase(released_.begin(), released_.begin() + static_cast<std::ptrdiff_t>(released_in_group_));
}

// Clean and idle entities leave, the least recently used first; a bounded look, so that a step stays short.
void partition::evict() {
  const auto cap = config_.limits.resident_entities;
  const std::size_t keep = cap - cap / 16;
  int looks = 256;
  auto& idle = cells_.idle();
  for (auto next = idle.begin();
       next != idle.end() && active_cells() >= std::max<std::size_t>(keep, 1) && looks-- > 0;) {
    auto& where = **next++;
    const bool busy = where.writing || where.has_pending() || where.answers != 0 || !where.waiting.empty() ||
                      where.phase != cell_phase::ready;
    if (!busy) cells_.erase(where);
  }
}

}  // namespace quipu::core
