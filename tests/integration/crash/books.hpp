/// What must be true of the bank, from what its clients noted outside of it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "entry.hpp"

namespace quipu::test::crash {

/// What the check has seen, for people.
struct figures {
  std::uint64_t sent = 0;
  std::uint64_t accepted = 0;  ///< commands, not answers
  std::uint64_t rejected = 0;  ///< answers
  std::uint64_t repeats = 0;   ///< answers
  std::uint64_t forgotten = 0;
  std::uint64_t had_taken_effect = 0;  ///< of the commands without an answer at the kill
  std::uint64_t had_not = 0;
};

class books {
 public:
  /// Takes the next entry of the worker that runs now.
  void take(const entry& what);
  /// The worker is dead.
  void died();
  /// What the next worker shall ask again: everything without an answer in the order in which it was sent,
  /// and some that were answered, old ones too.
  std::vector<entry> questions(std::mt19937_64& random) const;

  /// Everything that is wrong, in words.
  const std::vector<std::string>& wrong() const { return wrong_; }
  const crash::figures& figures() const { return figures_; }

  /// The command that made this event of this account; nothing when no client was told of any. For the
  /// journal's check.
  std::optional<command_id> maker_of(std::uint32_t account, std::uint64_t sequence) const;
  std::uint64_t last_sequence(std::uint32_t account) const;
  void find(std::string what);

 private:
  struct told {
    std::int64_t value = 0;
    std::uint64_t sequence = 0;
    std::uint64_t position = 0;
    friend bool operator==(const told&, const told&) = default;
  };
  struct command {
    entry sent;
    std::uint64_t order = 0;        ///< of its first sending
    std::uint32_t under_way = 0;    ///< sendings without an answer, of the worker that runs now
    std::uint32_t not_repeats = 0;  ///< accepted answers that claim to be the first
    bool unsettled = false;
    std::optional<told> accepted;
    bool must_repeat = false;  ///< it was sent again after it had been accepted
  };
  struct ledger {
    std::map<std::uint64_t, command_id> by_sequence;
    /// State after each sequence, as far as it was checked; [0] is before the first event.
    struct state {
      bool open = false;
      std::int64_t balance = 0;
    };
    std::vector<state> states{state{}};
    std::uint64_t last_position = 0;
    std::vector<entry> rejections;  ///< not checked yet, as the next
    std::vector<entry> forgotten;
  };

  void take_sending(const entry& what);
  void take_answer(const entry& what);
  void take_accepted(const entry& what, command& about);
  void take_failure(const entry& what, command& about);
  void take_read(const entry& what);
  void check_history(std::uint32_t account);
  void check_rejections(ledger& of, std::uint32_t account);
  void check_forgotten(ledger& of);
  void check_money();

  std::unordered_map<command_id, command> commands_;
  std::array<ledger, accounts> ledgers_;
  std::uint64_t order_ = 0;
  std::uint32_t reads_ = 0;
  std::int64_t read_sum_ = 0;
  std::vector<std::string> wrong_;
  crash::figures figures_;
};

}  // namespace quipu::test::crash
