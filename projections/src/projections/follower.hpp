/// The journal from a position on, every record checked to be the successor of the one before it.
#pragma once

#include "projections/failures.hpp"
#include "projections/layout.hpp"

#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace quipu::projecting {

/// Where a projection is: what its store says, and then what the open transaction has come to.
struct progress {
  progress_row at;
  std::vector<tail_row> tails;  ///< by partition
};

struct followed_record {
  journal::stored_record stored;
  journal::record_view view;
};

/// The record took effect: the position lies at its last event.
void move_past(const followed_record& record, progress& where);

/// One thread.
class follower {
 public:
  /// Both must outlive it. Whoever takes a record moves `where` past it; it may be any other after restart(). `first`: nothing
  /// is known of the records before it, so each partition's first one is taken as it comes.
  follower(journal::journal& from, const progress& where, record_number first = 0)
      : journal_(from), where_(where), first_(first) {}

  /// The next record after the position; nothing when there is none yet. `unavailable` may pass: restart() and ask again.
  /// Everything else is final: a journal that is shorter than the position or another one at it, a record that does not
  /// hold or does not follow its partition's last one.
  result<std::optional<followed_record>> next();
  /// Opens the cursor anew at the position.
  void restart() { cursor_.reset(); }

 private:
  result<std::optional<journal::stored_record>> at_the_position();
  result<void> check(const followed_record& record) const;

  journal::journal& journal_;
  const progress& where_;
  const record_number first_;
  std::unique_ptr<journal::cursor> cursor_;
};

}  // namespace quipu::projecting
