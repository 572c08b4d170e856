#include "reading/journal_figures.hpp"

#include <algorithm>
#include <vector>

namespace quipu::tool {
namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t remembered_seconds = 3'600;

/// Towards the past, before 1970 too.
std::int64_t second_of(std::int64_t time_us) {
  return time_us / second_us - (time_us % second_us < 0 ? 1 : 0);
}

/// Any bytes: JSON takes text alone.
json encoded_text(const std::string& text) { return journal::escape_key(text); }

std::string decoded_text(const json& from) {
  return journal::unescape_key(from.get_ref<const std::string&>()).value_or("?");
}

}  // namespace

void journal_figures::count(const read_record& record) {
  const auto& view = record.view;
  auto& mine = partitions[record.stored.partition];
  ++mine.records;
  mine.events += view.event_count();
  if (view.is_claim() && view.stamp().epoch >= mine.epoch) {
    mine.epoch = view.stamp().epoch;
    mine.owner = view.owner();
    mine.claimed_us = view.stamp().time_us;
  }
  std::vector<std::uint64_t> by_type(view.type_count());
  std::int64_t second = 0;
  std::uint64_t events_of_second = 0;  // commits of one record are of one second, nearly always
  for (std::uint32_t i = 0; i < view.commit_count(); ++i) {
    const auto commit = view.commit_at(i);
    first_us = commits == 0 ? commit.time_us : std::min(first_us, commit.time_us);
    last_us = commits == 0 ? commit.time_us : std::max(last_us, commit.time_us);
    ++commits;
    events += commit.event_count;
    if (const auto at = second_of(commit.time_us); at != second) {
      count_recent(second, std::exchange(events_of_second, 0));
      second = at;
    }
    events_of_second += commit.event_count;
    for (std::uint32_t j = 0; j < commit.event_count; ++j) ++by_type[commit.event(j).type];
  }
  count_recent(second, events_of_second);
  for (std::uint32_t i = 0; i < view.type_count(); ++i) {
    if (by_type[i] == 0) continue;  // a reply's type
    const auto type = view.type(i);
    types[{std::string(type.name), type.schema}] += by_type[i];
  }
}

void journal_figures::count_recent(std::int64_t second, std::uint64_t count) {
  if (count == 0) return;
  recent[second] += count;
  const auto oldest = recent.rbegin()->first - remembered_seconds;
  recent.erase(recent.begin(), recent.upper_bound(oldest));
}

double journal_figures::rate() const {
  const auto seconds = (static_cast<double>(last_us) - static_cast<double>(first_us)) / second_us;
  return static_cast<double>(events) / std::max(seconds, 1.0);
}

double journal_figures::rate_of_last(std::int64_t seconds) const {
  if (recent.empty()) return 0;
  std::uint64_t sum = 0;
  const auto first = recent.upper_bound(recent.rbegin()->first - seconds);
  for (auto at = first; at != recent.end(); ++at) sum += at->second;
  const auto span = (static_cast<double>(last_us) - static_cast<double>(first_us)) / second_us;
  return static_cast<double>(sum) / std::clamp(span, 1.0, static_cast<double>(seconds));
}

json journal_figures::encoded() const {
  json out{{"commits", commits},    {"events", events}, {"first_us", first_us},
           {"last_us", last_us},    {"recent", recent}, {"partitions", json::array()},
           {"types", json::array()}};
  for (const auto& [number, one] : partitions)
    out["partitions"].push_back(
        json::array({number, one.records, one.events, one.epoch, encoded_text(one.owner), one.claimed_us}));
  for (const auto& [type, count] : types)
    out["types"].push_back(json::array({encoded_text(type.first), type.second.hex(), count}));
  return out;
}

journal_figures journal_figures::decoded(const json& from) {
  journal_figures out;
  from.at("commits").get_to(out.commits);
  from.at("events").get_to(out.events);
  from.at("first_us").get_to(out.first_us);
  from.at("last_us").get_to(out.last_us);
  from.at("recent").get_to(out.recent);
  for (const auto& one : from.at("partitions"))
    out.partitions[one.at(0).get<journal::partition_id>()] = {.records = one.at(1),
                                                              .events = one.at(2),
                                                              .epoch = one.at(3),
                                                              .owner = decoded_text(one.at(4)),
                                                              .claimed_us = one.at(5)};
  for (const auto& one : from.at("types"))
    out.types[{decoded_text(one.at(0)),
               id128::from_hex(one.at(1).get_ref<const std::string&>()).value_or(id128{})}] = one.at(2);
  return out;
}

}  // namespace quipu::tool
