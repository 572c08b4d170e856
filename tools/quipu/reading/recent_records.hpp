/// What the newest records of a journal tell, without reading all of it.
#pragma once

#include <cstdint>
#include <map>
#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>
#include <string>
#include <utility>
#include <vector>

namespace quipu::tool {

/// One term of ownership of a partition, as its claim tells.
struct seen_claim {
  std::string owner;
  std::int64_t time_us = 0;
};

struct recent_partition {
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t epoch = 0;         ///< of its last record, however old that is; 0: it has none
  std::int64_t last_us = 0;        ///< when that was written
  std::vector<seen_claim> claims;  ///< oldest first; those among the newest records only
};

struct recent_records {
  record_number first = 0;  ///< what was read: these and all between
  record_number last = 0;
  bool whole = false;  ///< nothing lies before them
  std::uint64_t records = 0;
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::int64_t first_us = 0;  ///< of commits; meaningless where there are none
  std::int64_t last_us = 0;
  double seconds = 0;  ///< that reading and checking them took
  std::map<journal::partition_id, recent_partition> partitions;
  std::map<std::pair<std::string, id128>, std::uint64_t> types;  ///< events by type and schema
  std::vector<std::string> damage;                               ///< a line a fault, the first few
};

/// How much is read: what comes first.
struct recent_bounds {
  std::uint64_t records = 20'000;
  std::uint64_t bytes = 128ULL * 1024 * 1024;  ///< by the journal's usual size of a record
};

/// Checks each of them, and asks for each partition's last record, wherever that is. Ends early when the program is asked to
/// stop. Fails where the journal can't be reached; damage is told and passed over.
journal::result<recent_records> read_recent(journal::journal& from, const journal::summary& sum,
                                            const recent_bounds& bounds = {});

}  // namespace quipu::tool
