#include "movements.hpp"

#include <algorithm>
#include <tuple>

namespace samples {
namespace {

constexpr int on_the_ground_min = 30;  // taxiing, climbing, landing
constexpr int miles_a_minute = 8;

auto order_of(const movement& what) { return std::tuple(what.at_min, what.flight->number, what.arrival); }

}  // namespace

std::vector<movement> in_order(std::span<const flight> flights) {
  std::vector<movement> movements;
  movements.reserve(flights.size() * 2);
  for (const auto& one : flights) {
    const auto left = one.scheduled_min + one.delay_min;
    movements.push_back({left, &one, false});
    movements.push_back({left + on_the_ground_min + one.distance_mi / miles_a_minute, &one, true});
  }
  std::ranges::sort(movements, {}, order_of);
  return movements;
}

quipu::command_id id_of(const movement& what) {
  constexpr std::uint64_t version = 0x7000;
  constexpr std::uint64_t variant = std::uint64_t{1} << 63U;
  const auto time_ms = static_cast<std::uint64_t>(what.at_min) * 60'000;
  return {.high = (time_ms << 16U) | version,
          .low = variant | (what.flight->number << 1U) | static_cast<std::uint64_t>(what.arrival)};
}

}  // namespace samples
