#include "checking/sequence_table.hpp"

#include <array>
#include <cstring>
#include <utility>

namespace quipu::tool {

id128 entity_id(std::string_view category, std::string_view key) {
  // A category has 64 bytes at most and a key 255; the slash is in no category.
  std::array<std::uint8_t, 64 + 1 + 255>
      name;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  std::memcpy(name.data(), category.data(), category.size());
  name[category.size()] = '/';
  std::memcpy(name.data() + category.size() + 1, key.data(), key.size());
  return checksum_of({name.data(), category.size() + 1 + key.size()});
}

sequence_table::slot& sequence_table::of(const id128& entity) {
  if (used_ * 5 >= slots_.size() * 4) grow();
  auto& found = place_of(slots_, entity);
  if (!found.entity_) {
    found.entity_ = entity;
    ++used_;
  }
  return found;
}

sequence_table::slot& sequence_table::place_of(std::vector<slot>& slots, const id128& entity) {
  const auto mask = slots.size() - 1;  // a power of two
  auto at = entity.low & mask;
  while (slots[at].entity_ && slots[at].entity_ != entity) at = (at + 1) & mask;
  return slots[at];
}

void sequence_table::grow() {
  std::vector<slot> larger(slots_.size() * 2);
  for (const auto& one : slots_)
    if (one.entity_) place_of(larger, one.entity_) = one;
  slots_ = std::move(larger);
}

}  // namespace quipu::tool
