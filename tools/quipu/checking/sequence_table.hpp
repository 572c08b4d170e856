/// The last sequence of every entity, in little memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <quipu/journal/id.hpp>
#include <string_view>
#include <vector>

namespace quipu::tool {

/// 128 bits that stand for an entity: two entities with the same ones are beyond consideration.
id128 entity_id(std::string_view category, std::string_view key);

/// Open addressing, 24 bytes a slot, between 40 and 80 % full: two million entities take 100 MB at most.
class sequence_table {
 public:
  class slot {
   public:
    std::uint64_t last() const { return state_ >> 1U; }  ///< of its sequences; 0: it has none yet
    bool ended() const { return (state_ & 1U) != 0; }
    void set(std::uint64_t last, bool ended) { state_ = last << 1U | (ended ? 1U : 0U); }

   private:
    friend sequence_table;
    id128 entity_;  ///< zero: free
    std::uint64_t state_ = 0;
  };

  /// Has the memory fetched that of() will want soon: of many entities it lies in no cache.
  void prefetch(const id128& entity) const { __builtin_prefetch(&slots_[entity.low & (slots_.size() - 1)]); }
  /// The entity's slot, made where there is none. Valid until the next call.
  slot& of(const id128& entity);
  std::size_t size() const { return used_; }

 private:
  static slot& place_of(std::vector<slot>& slots, const id128& entity);
  void grow();

  std::vector<slot> slots_ = std::vector<slot>(1024);
  std::size_t used_ = 0;
};

}  // namespace quipu::tool
