#include "core/handled_sources.hpp"

#include <algorithm>
#include <cstring>

namespace quipu::core {
namespace {

// Saved, for each lane: reaction, settled and the number of its marks, then the marks, ten bytes each. Little-endian,
// as everything that Quipu stores.
constexpr std::size_t lane_head = 24;
constexpr std::size_t mark_size = 10;

template <class Number>
void put(bytes& out, Number number) {
  const auto* raw = reinterpret_cast<const std::uint8_t*>(&number);
  out.insert(out.end(), raw, raw + sizeof number);
}

template <class Number>
Number take(bytes_view& from) {
  Number number;
  std::memcpy(&number, from.data(), sizeof number);
  from = from.subspan(sizeof number);
  return number;
}

}  // namespace

const handled_sources::lane* handled_sources::find(std::uint64_t reaction) const {
  const auto found = std::ranges::find(lanes_, reaction, &lane::reaction);
  return found == lanes_.end() ? nullptr : &*found;
}

bool handled_sources::knows(const command_source& source) const {
  const auto* of = find(source.reaction);
  return of != nullptr &&
         (source.at <= of->settled || std::ranges::binary_search(of->beyond, mark{source.at, source.index}));
}

bool handled_sources::has_room(const command_source& source) const {
  const auto* of = find(source.reaction);
  if (of == nullptr) return lanes_.size() < most_lanes;
  if (of->beyond.size() < most_marks) return true;
  return of->beyond.front().at <= source.settled;
}

void handled_sources::add(const command_source& source) {
  auto of = std::ranges::find(lanes_, source.reaction, &lane::reaction);
  if (of == lanes_.end()) of = lanes_.insert(of, {source.reaction, {}, {}});
  auto& beyond = of->beyond;
  if (source.settled > of->settled) {
    of->settled = source.settled;
    beyond.erase(beyond.begin(), std::ranges::upper_bound(beyond, source.settled, {}, &mark::at));
  }
  if (source.at <= of->settled) return;
  const mark made{source.at, source.index};
  const auto place = std::ranges::lower_bound(beyond, made);
  if (place == beyond.end() || *place != made) beyond.insert(place, made);
}

std::size_t handled_sources::marks() const {
  std::size_t sum = 0;
  for (const auto& one : lanes_) sum += one.beyond.size();
  return sum;
}

void handled_sources::save(bytes& out) const {
  out.reserve(out.size() + lanes_.size() * lane_head + marks() * mark_size);
  for (const auto& one : lanes_) {
    put(out, one.reaction);
    put(out, one.settled.value);
    put<std::uint64_t>(out, one.beyond.size());
    for (const auto& [at, index] : one.beyond) {
      put(out, at.value);
      put(out, index);
    }
  }
}

bool handled_sources::load(bytes_view saved) {
  std::vector<lane> lanes;
  while (!saved.empty()) {
    if (saved.size() < lane_head) return false;
    lane one{.reaction = take<std::uint64_t>(saved), .settled = {take<std::uint64_t>(saved)}, .beyond = {}};
    const auto count = take<std::uint64_t>(saved);
    if (one.reaction == 0 || count > saved.size() / mark_size) return false;
    if (std::ranges::find(lanes, one.reaction, &lane::reaction) != lanes.end()) return false;
    one.beyond.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      mark next{.at = {take<std::uint64_t>(saved)}, .index = take<std::uint16_t>(saved)};
      if (next.at <= one.settled || (i > 0 && next <= one.beyond.back())) return false;
      one.beyond.push_back(next);
    }
    lanes.push_back(std::move(one));
  }
  lanes_ = std::move(lanes);
  return true;
}

}  // namespace quipu::core
