#include "projections/row_cells.hpp"

#include <cstring>
#include <new>

namespace quipu::projecting {

namespace {

void destroy(row_cell* cell) {
  cell->~row_cell();
  ::operator delete(cell);
}

}  // namespace

row_cell* row_cells::find(std::string_view key) {
  if (last_ != nullptr && last_->key() == key) return last_;
  const auto found = cells_.find(key);
  if (found == cells_.end()) return nullptr;
  return last_ = *found;
}

row_cell& row_cells::find_or_make(std::string_view key) {
  if (auto* known = find(key)) return *known;
  auto* cell = new (::operator new(sizeof(row_cell) + key.size())) row_cell{};
  cell->key_size = static_cast<std::uint16_t>(key.size());
  std::memcpy(static_cast<void*>(cell + 1), key.data(), key.size());
  cells_.insert(cell);
  if (order_) order_->insert(cell);
  return *(last_ = cell);
}

row_cell* row_cells::present_at_or_after(std::string_view key) {
  if (!order_) order_.emplace(cells_.begin(), cells_.end());
  for (auto at = order_->lower_bound(key); at != order_->end(); ++at)
    if ((*at)->is == row_cell::content::present) return *at;
  return nullptr;
}

void row_cells::drop(row_cell& which) {
  if (last_ == &which) last_ = nullptr;
  if (order_) order_->erase(&which);
  cells_.erase(&which);
  destroy(&which);
}

void row_cells::drop_all() {
  order_.reset();
  last_ = nullptr;
  for (auto* cell : cells_) destroy(cell);
  cells_.clear();
}

}  // namespace quipu::projecting
