// How the work is spread, and who holds it.
#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "doctor/finding.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {
namespace {

constexpr std::uint64_t enough_events = 1000;  ///< fewer say nothing about how they are spread
constexpr double skewed = 3;
constexpr std::int64_t a_while_us = 10LL * 60 * 1'000'000;
constexpr std::size_t often = 4;

std::string one_decimal(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", number);
  return text;
}

/// How many claims stand at the end of the list within ten minutes of the last of them.
std::size_t recent_claims(const std::vector<seen_claim>& claims) {
  return static_cast<std::size_t>(std::ranges::count_if(
      claims, [&](const auto& one) { return claims.back().time_us - one.time_us <= a_while_us; }));
}

finding of_unrest(journal::partition_id partition, const std::vector<seen_claim>& claims, std::size_t times,
                  std::int64_t now_us) {
  std::set<std::string> owners;
  for (const auto& one : claims) owners.insert(one.owner);
  std::string names;
  for (const auto& one : owners) names += (names.empty() ? "" : ", ") + one;
  const bool now = now_us - claims.back().time_us < 6 * a_while_us;
  return {now ? level::care : level::note,
          "partition " + std::to_string(partition) + " was claimed " + std::to_string(times) +
              " times within ten minutes, last at " + time_text(claims.back().time_us) + ", by " + names,
          "one process restarts again and again (read its log), or several fight for it (stop all but one)"};
}

}  // namespace

std::vector<finding> check_skew(const evidence& known) {
  const auto& recent = known.recent;
  if (known.about.partitions < 2) return {{level::ok, "one partition takes everything", ""}};
  if (recent.events < enough_events)
    return {
        {level::ok, std::to_string(recent.events) + " events are too few to tell how they are spread", ""}};
  const auto busiest =
      std::ranges::max_element(recent.partitions, {}, [](const auto& one) { return one.second.events; });
  const auto mean = static_cast<double>(recent.events) / known.about.partitions;
  const auto ratio = static_cast<double>(busiest->second.events) / mean;
  const auto what = "partition " + std::to_string(busiest->first) + " has the most of the newest " +
                    std::to_string(recent.events) + " events, " + one_decimal(ratio) + " times the mean";
  if (ratio < skewed) return {{level::ok, what, ""}};
  return {{level::note, what,
           "few entities take most of the work (quipu journal cat shows which): split them; more partitions, "
           "by a copy of "
           "the journal, help only where the entities are many"}};
}

std::vector<finding> check_owners(const evidence& known) {
  std::vector<finding> out;
  std::map<std::string, std::size_t> holders;  // by owner: how many partitions
  std::uint64_t newest_epoch = 0;
  std::size_t unknown = 0;
  for (const auto& [partition, one] : known.recent.partitions) {
    newest_epoch = std::max(newest_epoch, one.epoch);
    if (one.claims.empty()) {
      ++unknown;
      continue;
    }
    ++holders[one.claims.back().owner];
    if (const auto times = recent_claims(one.claims); times >= often)
      out.push_back(of_unrest(partition, one.claims, times, known.now.time_since_epoch().count()));
  }
  const auto count = known.about.partitions;
  if (holders.empty()) {
    out.push_back(
        {level::ok,
         newest_epoch == 0 || known.recent.whole
             ? "nobody has claimed a partition"
             : "no claim lies among the newest records (epoch " + std::to_string(newest_epoch) + ")",
         ""});
    return out;
  }
  std::string names;
  for (const auto& [owner, partitions] : holders)
    names += (names.empty() ? "" : "; ") + owner + " (" + std::to_string(partitions) + " of " +
             std::to_string(count) + " partitions)";
  if (unknown > 0) names += "; " + std::to_string(unknown) + " were claimed before what was read";
  const auto what = "claimed last by " + names + ", epoch " + std::to_string(newest_epoch);
  if (holders.size() == 1)
    out.push_back({level::ok, what, ""});
  else
    out.push_back(
        {level::note, what, "one process owns a journal at a time: see that the others are closed"});
  return out;
}

}  // namespace quipu::tool
