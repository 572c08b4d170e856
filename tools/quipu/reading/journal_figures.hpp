/// What a journal holds, in numbers: counted record by record, and kept in an index as far as it goes.
#pragma once

#include <cstdint>
#include <map>
#include <quipu/journal/journal.hpp>
#include <string>
#include <utility>

#include "reading/placed_event.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {

struct journal_figures {
  struct partition {
    std::uint64_t records = 0;
    std::uint64_t events = 0;
    std::uint64_t epoch = 0;  ///< of the last claim; 0: nobody claimed it
    std::string owner;
    std::int64_t claimed_us = 0;
  };

  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  std::int64_t first_us = 0;  ///< both of commits; meaningless where there are none
  std::int64_t last_us = 0;
  std::map<journal::partition_id, partition> partitions;
  std::map<std::pair<std::string, id128>, std::uint64_t> types;  ///< events, by type and schema
  std::map<std::int64_t, std::uint64_t> recent;                  ///< events of the last hour, by second

  void count(const read_record& record);

  /// Events a second, from the first to the last commit, and in the last seconds (3600 at most) before the last one. Less
  /// than a second counts as one.
  double rate() const;
  double rate_of_last(std::int64_t seconds) const;

  json encoded() const;
  /// Throws json::exception for what encoded() does not make.
  static journal_figures decoded(const json& from);

 private:
  void count_recent(std::int64_t second, std::uint64_t events);
};

}  // namespace quipu::tool
