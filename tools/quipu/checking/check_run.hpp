/// Reads a journal from one record to another and checks it on the way.
#pragma once

#include <functional>
#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>

#include "checking/journal_check.hpp"

namespace quipu::tool {

struct check_range {
  record_number first = 0;
  record_number last = 0;
  bool to_end = false;  ///< `last` was the journal's last record: partitions have to end there
};

/// Called on the caller's thread.
struct check_watch {
  /// Some records went by, up to this number.
  std::function<void(record_number)> progress = [](record_number) {};
  /// With every sound record, after it was checked.
  std::function<void(const journal::stored_record&, const journal::record_view&)> record = {};
};

/// The number of the last record that was looked at: less than range.last when the program was asked to stop. Fails where
/// the journal cannot be reached any more. Faults are in the check's hands.
journal::result<record_number> run_check(journal::journal& of, const check_range& range, journal_check& check,
                                         const check_watch& watch = {});

}  // namespace quipu::tool
