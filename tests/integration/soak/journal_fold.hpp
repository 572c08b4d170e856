/// A bank's journal, folded record by record in memory that does not grow with it.
#pragma once

#include <quipu/journal/journal.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "journal_truth.hpp"

namespace quipu::test::soak {

/// A command that took effect, as the journal or its clients tell it.
struct effect {
  command_id command;
  std::uint32_t account = 0;
  std::uint64_t sequence = 0;
  std::uint64_t position = 0;
  std::int64_t balance = 0;  ///< after it

  friend bool operator==(const effect&, const effect&) = default;
};

/// Says whether two sets of effects are the same, in whatever order they were gathered.
class digest {
 public:
  void add(const effect& what);
  std::uint64_t count() const { return count_; }
  friend bool operator==(const digest&, const digest&) = default;

 private:
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
};

/// Looks at chains, epochs, and that accounts have neither gaps nor doubles. One thread.
class journal_fold {
 public:
  using sink = std::function<void(const effect& what, const account_state& after)>;
  using finding = std::function<void(std::string what)>;

  journal_fold(std::uint32_t accounts, sink tell, finding wrong);

  void take(const journal::stored_record& stored);
  record_number last() const { return last_; }

 private:
  struct lane {
    checksum sum;
    std::uint64_t epoch = 0;
  };
  struct ledger {
    std::uint64_t sequence = 0;
    account_state state;
  };

  sink tell_;
  finding wrong_;
  std::vector<ledger> ledgers_;
  std::map<journal::partition_id, lane> lanes_;
  record_number last_ = 0;
};

}  // namespace quipu::test::soak
