/// What a runtime tells about itself while it lives: for logs, for alarms, and for whoever supervises it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quipu {

/// The set is closed. `opened`, `closed` and the conditions (overload, the journal) are about the node; the others name
/// a partition.
enum class notice_kind : std::uint8_t {
  opened,         ///< all partitions serve; `events` were replayed in `took`
  recovered,      ///< this partition serves, after `events` were replayed in `took`
  superseded,     ///< another process took the partition over; it does not come back by itself
  failed,         ///< the partition ended: its journal cannot be understood, or refuses the claim
  overloaded,     ///< commands are refused for want of room; once, when it begins
  overload_over,  ///< none was refused for some seconds
  journal_lost,   ///< what was sent to the journal is not settled for seconds: commands wait
  journal_back,   ///< it is settled
  quarantined,    ///< a stored event of one entity cannot be applied; the entity answers `corrupt`
  rebuilt,  ///< a snapshot or checkpoint cannot be used and is made anew from the journal: slower, nothing lost
  snapshot_failed,  ///< snapshots cannot be stored: tried again, and recovery would take longer
  closed,           ///< the last notice; `took` says how long closing was
};
std::string_view name_of(notice_kind kind);

/// Of quarantined, rebuilt and snapshot_failed at most a few a second are told one by one; one more says how many were
/// left out. The others cannot be many.
struct notice {
  notice_kind kind = notice_kind::opened;
  std::chrono::system_clock::time_point time;
  std::optional<std::uint32_t> partition;  ///< empty: the node
  std::string text;                        ///< a sentence for people
  std::uint64_t events = 0;
  std::chrono::milliseconds took{0};
};

}  // namespace quipu
