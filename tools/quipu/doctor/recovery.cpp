// What a node's next start would have to replay, and how long that takes.
#include <cmath>

#include "doctor/finding.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {
namespace {

constexpr double slow = 60;  ///< seconds

}  // namespace

std::vector<finding> check_recovery(const evidence& known) {
  if (known.directory.empty() || !known.checkpoints) return {};
  if (!*known.checkpoints) {
    const auto& why = known.checkpoints->error();
    if (why.kind == journal::failure_kind::not_found)
      return {{level::note, "there are no snapshots: the next start replays the whole journal", ""}};
    return {{level::care, "the snapshots can't be read: " + describe(why),
             "quipu snapshot rebuild makes them anew; a program that starts does so too, by replaying all"}};
  }
  const auto& kept = **known.checkpoints;
  if (kept.incarnation != known.about.incarnation)
    return {{level::care, "the snapshots belong to another journal: a program that starts throws them away",
             "is this the directory of this journal's program?"}};
  std::vector<finding> out;
  for (const auto& partition : kept.partitions)
    for (const auto& one : partition.quarantined)
      out.push_back({level::care, one.category + "/" + one.key + " is quarantined: " + one.why,
                     "mend what its replay fails at, and start the program again"});
  const auto first = kept.replay_from ? kept.replay_from->record() : known.sum.first;
  const auto records = known.sum.last >= first ? known.sum.last - first + 1 : 0;
  const auto& recent = known.recent;
  const auto events = recent.records == 0
                          ? 0.0
                          : static_cast<double>(records) * static_cast<double>(recent.events) /
                                static_cast<double>(recent.records);
  const auto rate = recent.seconds > 0 ? static_cast<double>(recent.events) / recent.seconds : 0;
  const auto seconds = rate > 0 ? events / rate : 0;
  std::string what =
      "a start replays about " + std::to_string(std::llround(events)) + " events behind the snapshots";
  if (kept.replay_from_us > 0 && records > 0)
    what += " (the oldest of them of " + time_text(kept.replay_from_us) + ")";
  if (rate > 0)
    what += ", in " + age_text(std::ceil(seconds)) + " by " + std::to_string(std::llround(rate)) +
            " events/s, at which the newest were read and checked just now; what evolve takes comes on top";
  out.push_back(
      {seconds > slow ? level::note : level::ok, what,
       seconds > slow ? "a lower recovery_target takes snapshots more often: docs/configuration.md" : ""});
  return out;
}

}  // namespace quipu::tool
