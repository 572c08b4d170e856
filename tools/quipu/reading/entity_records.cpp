#include "reading/entity_records.hpp"

#include <algorithm>

#include "reading/journal_index.hpp"

namespace quipu::tool {
namespace {

/// Ranges that are so near to each other are read as one: to pass over a record costs less than to look for the next.
constexpr record_number near = 64;

std::vector<record_range> joined(std::vector<record_range> ranges) {
  std::ranges::sort(ranges);
  std::vector<record_range> out;
  for (const auto& range : ranges) {
    if (!out.empty() && range.first <= out.back().last + near) {
      out.back().last = std::max(out.back().last, range.last);
    } else {
      out.push_back(range);
    }
  }
  return out;
}

}  // namespace

records_to_read find_records(const journal::journal& in, const looked_for& what,
                             const std::optional<journal_index>& index) {
  records_to_read out{.ranges = {what.within}, .only = {}};
  if (what.entity)
    out.only = journal::partition_of(journal::entity_hash(what.entity->category, what.entity->key),
                                     in.about().partitions);
  if (!index) return out;
  auto covered = index->find(what, out.only);
  if (!covered) return out;
  covered->push_back(from_here_on(index->through() + 1));
  out.ranges = joined(std::move(*covered));
  for (auto& range : out.ranges) {
    range.first = std::max(range.first, what.within.first);
    range.last = std::min(range.last, what.within.last);
  }
  std::erase_if(out.ranges, [](const record_range& range) { return range.first > range.last; });
  return out;
}

}  // namespace quipu::tool
