#include "copying/position_map.hpp"

#include <algorithm>

namespace quipu::tool {

void position_map::add(record_number from, record_number to) {
  if (!runs_.empty()) {
    auto& last = runs_.back();
    if (from == last.from + last.count && to == last.to + last.count) {
      ++last.count;
      return;
    }
  }
  runs_.push_back({from, to, 1});
}

const position_map::run* position_map::at_or_before(record_number from) const {
  const auto behind = std::ranges::upper_bound(runs_, from, {}, &run::from);
  return behind == runs_.begin() ? nullptr : &*std::prev(behind);
}

std::optional<command_source> position_map::translate(const command_source& source) const {
  auto out = source;
  const auto record = source.at.record();
  const auto* of_event = at_or_before(record);
  if (of_event == nullptr || record - of_event->from >= of_event->count) return std::nullopt;
  out.at = position::of(of_event->to + (record - of_event->from), source.at.index());

  const auto settled = source.settled.record();
  const auto* of_settled = at_or_before(settled);
  if (of_settled == nullptr)
    out.settled = {};
  else if (settled - of_settled->from < of_settled->count)
    out.settled = position::of(of_settled->to + (settled - of_settled->from), source.settled.index());
  else  // between two records: all of the first one is settled
    out.settled = position::of(of_settled->to + of_settled->count - 1, 0xffff);
  return out;
}

}  // namespace quipu::tool
