#include "projection/distance.hpp"

#include <algorithm>
#include <cmath>
#include <quipu/journal/record.hpp>

namespace quipu::tool {
namespace {

using namespace std::chrono_literals;

/// Events of the first few records behind a position, for a guess at the others.
double events_a_record(journal::journal& from, record_number behind) {
  constexpr int enough = 64;
  const auto cursor = from.read(behind + 1);
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  while (records < enough) {
    const auto record = cursor->next();
    if (!record || !*record) break;
    const auto view = journal::record_view::decode((*record)->data);
    if (!view) break;
    ++records;
    events += view->event_count();
  }
  return records == 0 ? 1 : static_cast<double>(events) / static_cast<double>(records);
}

}  // namespace

journal::result<distance> distance_of(journal::journal& from, const kept_generation_facts& live) {
  const auto end = from.summarize();
  if (!end) return std::unexpected(end.error());
  distance out{.head = end->last};
  const auto at = live.position.record();
  if (end->last <= at) return out;
  out.events = static_cast<std::uint64_t>(
      std::max(1.0, std::ceil(events_a_record(from, at) * static_cast<double>(end->last - at))));
  const auto since = at == 0 ? std::chrono::sys_time<std::chrono::microseconds>(
                                   std::chrono::microseconds(from.about().created_us))
                             : live.time;
  const auto age = std::chrono::system_clock::now() - since;
  out.time = std::max(0ms, std::chrono::duration_cast<std::chrono::milliseconds>(age));
  out.backlog = backlog_of(out.time);
  return out;
}

}  // namespace quipu::tool
