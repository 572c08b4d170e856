#include "host/history_scan.hpp"

#include <quipu/journal/record.hpp>

namespace quipu::host {
namespace {
constexpr std::size_t part_bytes_most = 256 * 1024;
}

std::size_t history_bytes(const core::input::history& part) {
  std::size_t sum = 0;
  for (const auto& record : part.records) sum += record.data.size();
  return sum;
}

void history_scan::want(journal::partition_id partition, std::string category, std::string key) {
  wanted_[partition].try_emplace({std::move(category), std::move(key)});
}

std::vector<journal::partition_id> history_scan::partitions() const {
  std::vector<journal::partition_id> list;
  for (const auto& [partition, names] : wanted_) list.push_back(partition);
  return list;
}

bool history_scan::hand_over_part(journal::partition_id partition, const entity_name& name, part& from,
                                  bool complete, const deliver& hand_over) {
  core::input::history out{name.first, name.second, std::move(from.records), complete};
  from.records.clear();
  from.bytes = 0;
  return hand_over(partition, std::move(out));
}

journal::result<void> history_scan::run(patient_cursor& records, const deliver& hand_over) {
  for (;;) {
    auto next = records.next();
    if (!next) return std::unexpected(next.error());
    if (!*next) break;
    const auto& stored = **next;
    const auto found = wanted_.find(stored.partition);
    if (found == wanted_.end()) continue;
    const auto view = journal::record_view::decode(stored.data);
    if (!view)
      return journal::fail(view.error().code,
                           "record " + std::to_string(stored.number) + ": " + view.error().text);
    for (std::uint32_t i = 0; i < view->commit_count(); ++i) {
      const auto commit = view->commit_at(i);
      const auto entity = found->second.find({std::string(commit.category), std::string(commit.key)});
      if (entity == found->second.end()) continue;
      auto& [name, mine] = *entity;
      if (mine.last == stored.number) continue;
      mine.last = stored.number;
      mine.records.push_back(stored);
      mine.bytes += stored.data.size();
      if (mine.bytes >= part_bytes_most && !hand_over_part(found->first, name, mine, false, hand_over))
        return {};
    }
  }
  for (auto& [partition, names] : wanted_)
    for (auto& [name, mine] : names)
      if (!hand_over_part(partition, name, mine, true, hand_over)) return {};
  return {};
}

}  // namespace quipu::host
