/// Commands on their way, in a line for each target: one at a time, in the order of the journal, targets beside one another.
#pragma once

#include "reactions/outbox_row.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace quipu::reacting {

/// All of the outbox that is known. Pure but for the time that is handed in. One thread.
class lines {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  struct line;
  struct item {
    outbox_row row;
    line* in = nullptr;
    std::uint64_t sending = 0;   ///< whose answer counts; 0: it is not under way
    std::uint32_t tries = 0;     ///< that came to nothing, of what is sent now
    std::uint32_t refusals = 0;  ///< of them: that more of them would not mend
    std::int64_t first_failed_us = 0;
    std::string error;  ///< of the last one
  };

  bool contains(const row_key& key) const { return items_.contains(key); }
  void add(const row_key& key, outbox_row row);
  void clear();

  /// The next one that may go now, marked as flying. Its row, or nothing.
  std::optional<row_key> take_off(time_point now);
  item& at(const row_key& key) { return items_.at(key); }

  // What became of one that flew:
  /// It was answered: the next one of its line may go.
  void done(const row_key& key);
  /// It goes again, not before that.
  void rest(const row_key& key, time_point until);
  /// Its row has changed (its compensation is due, or it is dead): it goes to the line of its target as it is now.
  void change(const row_key& key, outbox_row row);

  std::size_t flying() const { return flying_; }
  std::size_t size() const { return items_.size(); }
  /// Of rows that are neither dead nor behind one that is.
  std::size_t live() const { return items_.size() - dead_; }
  std::uint64_t live_bytes() const { return bytes_ - dead_bytes_; }
  std::size_t dead() const { return dead_; }
  /// The earliest time at which a resting one may go.
  std::optional<time_point> next_time() const;
  /// The lowest of all, and of those that are live.
  const item* first(row_key& key) const;
  const item* first_live(row_key& key) const;
  /// One that was tried in vain and goes again; null: all is well.
  const item* resting() const {
    return resting_.empty() ? nullptr : &items_.at(resting_.begin()->second->head());
  }

  struct line {
    std::set<row_key> keys;
    std::string target;
    std::optional<row_key> flying;
    enum class state : std::uint8_t { idle, ready, resting, dead } is = state::idle;
    time_point until;
    std::uint64_t bytes = 0;
    const row_key& head() const { return *keys.begin(); }
  };

 private:
  void join(const row_key& key, item& what);
  void leave(const row_key& key, item& what);
  void out_of_state(line& which);
  void settle(line& which);

  std::map<row_key, item> items_;
  std::unordered_map<std::string, line> lines_;  // by target
  std::deque<line*> ready_;
  std::multimap<time_point, line*> resting_;
  std::size_t flying_ = 0;
  std::size_t dead_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t dead_bytes_ = 0;
};

}  // namespace quipu::reacting
