/// Records become rows: duplicates dropped, failures tried again and parked, in the open transaction.
#pragma once

#include "projections/event_types.hpp"
#include "projections/follower.hpp"
#include "projections/letters.hpp"
#include "projections/pending_rows.hpp"

#include <quipu/projections/projector.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::projecting {

struct tally {
  std::uint64_t applied = 0;
  std::uint64_t passed = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t retries = 0;
};

/// One thread. Whatever fails here must be followed by pending_rows::discard() and reload().
class applying {
 public:
  /// Waits that long; false when the wait was cut short, for somebody wants the thread.
  using pause = std::function<bool(std::chrono::milliseconds)>;

  applying(const port::projection_type& what, event_types& types, pending_rows& rows,
           const projector_options& how, pause wait);

  /// Reads the dead letters' count and the skips again: before the first record, and after a discard.
  result<void> reload();

  enum class outcome : std::uint8_t { done, interrupted };
  /// Applies the events of a record.
  result<outcome> take(const followed_record& record);

  /// Tries the dead letters of one entity in order until one fails. `first` is the entity's first letter.
  result<released> release(const event_key& first);
  /// The same, with the first one left out.
  result<released> skip(const event_key& first, std::string_view reason);
  /// Whether this is the first dead letter of its entity: `not_kept`, or `not_first` with the name of the one that is.
  result<void> check_first(const event_key& event);
  /// The first dead letter of the next entity from this key on.
  result<std::optional<event_key>> first_letter_from(std::string_view key);
  std::vector<dead_letter> list(const event_key& from, std::size_t limit);
  std::vector<skipped_event> skipped();
  /// Begins a generation with what was skipped in another.
  void keep_skips(const std::vector<skipped_event>& list);

  const tally& counts() const { return counts_; }
  /// After a discard: what was counted since did not come to be; retries did.
  void count_again_from(const tally& then) {
    const auto retries = counts_.retries;
    counts_ = then;
    counts_.retries = retries;
  }
  std::uint64_t letters() const { return letters_; }
  /// The author's tables of the open transaction.
  port::rows& rows() { return author_rows_; }

 private:
  mark_row mark_of(const std::string& key);
  result<outcome> take_commit(const followed_record& record, const journal::commit_view& commit,
                              std::uint32_t entity);
  result<outcome> take_event(std::uint32_t type, const event_at_hand& event, mark_row& mark);
  bool attempt(std::uint32_t type, const event_at_hand& event, std::string& error);
  result<void> park(const event_at_hand& event, const attempts_so_far& attempts, mark_row& mark);
  void drop_letter(std::string_view key, std::size_t bytes);
  released work_through(const event_key& first);
  std::chrono::milliseconds wait_before(std::uint32_t attempt);

  const port::projection_type& what_;
  event_types& types_;
  pending_rows& rows_;
  author_rows author_rows_;
  const projector_options& how_;
  pause wait_;
  tally counts_;
  std::uint64_t letters_ = 0;
  std::uint64_t letter_bytes_ = 0;
  std::uint32_t failed_in_a_row_ = 0;
  std::set<std::string, std::less<>> skips_;
  std::string mark_key_;
  std::vector<journal::header_view> headers_;
  std::vector<std::int32_t>
      resolved_;  ///< of the record at hand: by entity and type, not_yet where nobody asked
  std::minstd_rand chance_{std::random_device{}()};
};

}  // namespace quipu::projecting
