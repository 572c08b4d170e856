/// What a bank's journal says, and whether its clients were told the truth.
#pragma once

#include <quipu/journal/journal.hpp>

#include "client_record.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace quipu::test {

struct account_state {
  bool open = false;
  std::int64_t balance = 0;
};

/// A journal read from its first record to its last.
struct journal_truth {
  struct commit {
    std::uint32_t account = 0;
    std::uint64_t sequence = 0;
    std::uint64_t position = 0;
    std::int64_t balance = 0;
  };
  std::unordered_map<command_id, commit> commits;
  /// States after each sequence; [0] is before the first event.
  std::map<std::uint32_t, std::vector<account_state>> accounts;
  std::map<journal::partition_id, std::uint64_t> claims;
  std::uint64_t records = 0;
  record_number last = 0;
  /// Broken chains, gaps, duplicates, epochs that go back, and what could not be read.
  std::vector<std::string> wrong;
};

/// Through an opening of its own, for reading. Waits for a server that is just starting.
journal_truth read_journal(std::string_view url);

/// Everything that clients were told and that is not so, or that took effect although they were told otherwise. Nobody
/// may be waiting for an answer. Empty: all were told the truth.
std::vector<std::string> lies(const client_record& record, const journal_truth& truth);

}  // namespace quipu::test
