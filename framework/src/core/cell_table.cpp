#include "core/cell_table.hpp"

#include <quipu/journal/record.hpp>

namespace quipu::core {

cell* cell_table::find(std::uint16_t category, std::string_view key, std::uint64_t hash) {
  const auto found = cells_.find(name{hash, category, key});
  return found == cells_.end() ? nullptr : found->second.get();
}

cell& cell_table::insert(std::uint16_t category, const port::entity_type* type, std::string_view key,
                         std::uint64_t hash) {
  auto made = std::make_unique<cell>();
  made->type = type;
  made->category = category;
  made->key = key;
  made->place = idle_.insert(idle_.end(), made.get());
  auto& stays = *made;
  cells_.emplace(name{hash, category, stays.key}, std::move(made));
  return stays;
}

void cell_table::erase(cell& gone) {
  (gone.dirty ? dirty_ : idle_).erase(gone.place);
  cells_.erase(name{journal::entity_hash(gone.type->category, gone.key), gone.category, gone.key});
}

void cell_table::clear() {
  dirty_.clear();
  idle_.clear();
  cells_.clear();
}

void cell_table::to_dirty(cell& which) {
  if (which.dirty) return;
  which.dirty = true;
  dirty_.splice(dirty_.end(), idle_, which.place);
}

void cell_table::back_to_dirty(cell& which) {
  dirty_.splice(dirty_.begin(), which.dirty ? dirty_ : idle_, which.place);
  which.dirty = true;
}

void cell_table::to_idle(cell& which) {
  if (!which.dirty) return;
  which.dirty = false;
  idle_.splice(idle_.end(), dirty_, which.place);
}

}  // namespace quipu::core
