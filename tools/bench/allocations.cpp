#include "allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace bench {
namespace {

std::atomic<bool> counting{false};
std::atomic<std::uint64_t> calls{0};

}  // namespace

allocation_count::allocation_count() {
  calls = 0;
  counting = true;
}
allocation_count::~allocation_count() { counting = false; }
std::uint64_t allocation_count::so_far() const { return calls; }

}  // namespace bench

// The other forms of operator new and delete call these.
void* operator new(std::size_t size) {
  if (bench::counting.load(std::memory_order_relaxed)) bench::calls.fetch_add(1, std::memory_order_relaxed);
  if (void* got = std::malloc(size == 0 ? 1 : size)) return got;
  throw std::bad_alloc();
}
void operator delete(void* got) noexcept { std::free(got); }
void operator delete(void* got, std::size_t) noexcept { std::free(got); }
