/// The journal, refolded by hand: what every answer, snapshot and floor is compared with.
#pragma once

#include "findings.hpp"
#include "model_domain.hpp"

#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace quipu::simulation {

/// A commit as the journal has it.
struct ledger_commit {
  command_id command;
  std::uint64_t body_hash = 0;
  std::uint64_t attempt = 0;  ///< the command object that caused it
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  position at;               ///< of its last event
  std::uint64_t digest = 0;  ///< of the state after it
  std::int64_t time_us = 0;
  bool after_expiry = false;  ///< nothing of the state before it counts
  std::optional<command_source> source;
};

/// One entity's life so far. Index 0 of the vectors is "before the first event".
struct life {
  std::optional<knots> state;
  std::vector<std::optional<knots>> states{std::nullopt};  ///< by sequence
  std::vector<position> positions{position{}};
  std::vector<std::int64_t> times{0};  ///< of the commits
  std::vector<bool> boundary{true};    ///< whether a commit ends at this sequence
  std::vector<ledger_commit> commits;
  std::map<command_id, std::size_t> by_command;
  bool chokes = false;  ///< has an event on which a choking version throws

  // The repeat window, by hand.
  std::deque<std::pair<command_id, std::int64_t>> remembered;
  command_id newest_forgotten;

  std::uint64_t sequence() const { return positions.size() - 1; }
  std::uint64_t digest_at(std::uint64_t sequence) const {
    return digest_of(states[sequence] ? &*states[sequence] : nullptr);
  }
  /// What a command that is decided at `time_us` on this event finds, where entities live so long (0: for ever).
  const knots* seen_at(std::uint64_t sequence, std::int64_t time_us, std::chrono::microseconds lives) const {
    const bool over = lives.count() != 0 && times[sequence] + lives.count() < time_us;
    return states[sequence] && !over ? &*states[sequence] : nullptr;
  }
  const ledger_commit* find(const command_id& command) const {
    const auto found = by_command.find(command);
    return found == by_command.end() ? nullptr : &commits[found->second];
  }
  /// Whether a reaction's command took effect or was settled, by the word of all commits.
  bool handled(const command_source& what) const {
    return std::ranges::any_of(commits, [&](const ledger_commit& commit) {
      const auto& of = commit.source;
      return of && of->reaction == what.reaction &&
             (what.at <= of->settled || (of->at == what.at && of->index == what.index));
    });
  }
};

using entity_name = std::pair<std::string, std::string>;  // category, key

class ledger {
 public:
  /// `landed` is called for every commit, in order.
  ledger(journal::journal& log, port::repeat_window window, findings& found,
         std::function<void(const entity_name&, const ledger_commit&)> landed);

  /// Reads what is new and checks it: chain, epochs, ids, sequences.
  void follow();
  /// The journal lost its end: reads everything again.
  void restart();

  /// Null where it never had an event.
  const life* find(const entity_name& name) const;
  const std::map<entity_name, life>& lives() const { return lives_; }
  std::uint64_t sequence_of(const entity_name& name) const;
  /// The checksum of a record; nothing where the partition has no such record.
  std::optional<checksum> sum_of(journal::partition_id partition, record_number number) const {
    const auto found = sums_.find({partition, number});
    return found == sums_.end() ? std::nullopt : std::optional(found->second);
  }
  port::repeat_window window() const { return window_; }
  /// Who claimed the partition last.
  std::string owner_of(journal::partition_id partition) const {
    const auto found = strands_.find(partition);
    return found == strands_.end() ? "" : found->second.owner;
  }
  std::uint64_t records() const { return records_; }

 private:
  struct strand {  // a partition's
    record_number tail = 0;
    checksum sum;
    std::uint64_t epoch = 0;
    std::int64_t time_us = 0;
    std::string owner;
  };
  void read(const journal::stored_record& stored);
  void read(const journal::stored_record& stored, const journal::record_view& view,
            const journal::commit_view& commit);
  void remember(life& of, const ledger_commit& commit);

  journal::journal& log_;
  port::repeat_window window_;
  findings& findings_;
  std::function<void(const entity_name&, const ledger_commit&)> landed_;
  std::unique_ptr<journal::cursor> cursor_;
  std::map<journal::partition_id, strand> strands_;
  std::map<entity_name, life> lives_;
  std::set<id128> record_ids_;
  std::map<std::pair<journal::partition_id, record_number>, checksum> sums_;
  std::uint64_t records_ = 0;
};

}  // namespace quipu::simulation
