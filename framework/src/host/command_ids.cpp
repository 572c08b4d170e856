#include "host/command_ids.hpp"

#include "core/repeats.hpp"

#include <algorithm>

namespace quipu::host {

command_id make_command_id(std::int64_t now_us) {
  struct generator {
    id128 state = id128::random();  // of splitmix64: seeded by the operating system, once a thread
    command_id last;

    std::uint64_t draw() {
      std::uint64_t z = (state.low += 0x9e3779b97f4a7c15ULL);
      z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
      z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
      return (z ^ (z >> 31U)) ^ state.high;
    }
  };
  thread_local generator mine;

  constexpr std::uint64_t version = 7ULL << 12U;
  constexpr std::uint64_t variant = 1ULL << 63U;
  constexpr std::uint64_t random_bits = (1ULL << 62U) - 1;
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(now_us, 0));
  const std::uint64_t below = us % 1000 * 4096 / 1000;
  command_id made{(us / 1000) << 16U | version | below, variant | (mine.draw() & random_bits)};
  // Past what a partition takes for the future, growing would make ids that are refused: another clock counts now.
  const bool other_clock = (mine.last.high >> 16U) > us / 1000 + core::most_ahead_ms;
  if (made.high <= mine.last.high && !other_clock) {
    // The same tick (or a clock that went back): one more than the last, by a random step that no other
    // thread guesses.
    made.high = mine.last.high;
    made.low = variant | ((mine.last.low + (mine.draw() >> 32U) + 1) & random_bits);
    if (made.low <= mine.last.low) ++made.high;  // ran over; still version 7 for all but one tick in 4096
  }
  return mine.last = made;
}

}  // namespace quipu::host
