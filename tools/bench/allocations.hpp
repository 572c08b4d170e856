/// How often this process allocated, for figures a round.
#pragma once

#include <cstdint>

namespace bench {

/// Counts calls of operator new, of all threads, while it lives. One at a time; costs next to nothing when there is none.
class allocation_count {
 public:
  allocation_count();
  ~allocation_count();
  allocation_count(const allocation_count&) = delete;
  allocation_count& operator=(const allocation_count&) = delete;

  std::uint64_t so_far() const;
};

}  // namespace bench
