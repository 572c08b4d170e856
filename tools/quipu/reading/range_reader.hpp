/// Reads a range of a journal's records one after the other, past those that are damaged.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <string>
#include <variant>

#include "reading/placed_event.hpp"

namespace quipu::tool {

/// Both inclusive. Empty where the last lies before the first.
struct record_range {
  record_number first = 0;
  record_number last = 0;
  friend auto operator<=>(const record_range&, const record_range&) = default;
};

/// How far behind unreadable storage is looked for something readable.
inline constexpr record_number search_limit = 4096;

/// Every record number that there can be from this one on.
constexpr record_range from_here_on(record_number first) { return {first, (1ULL << 48U) - 1}; }

/// Records that cannot be read, and why: a line for people.
struct record_fault {
  record_range where;
  std::string text;
};

using record_or_fault = std::variant<read_record, record_fault>;

/// One thread. The journal must outlive it.
class range_reader {
 public:
  range_reader(journal::journal& from, record_range what, std::optional<journal::partition_id> only);

  /// The next record, or the next fault. Nothing at the end of the range or of the journal (a later call may find more),
  /// when the journal cannot be read on (failure() says why), and when the program is asked to stop.
  std::optional<record_or_fault> next();

  /// Why it cannot go on, though there may be more.
  const std::optional<journal::failure>& failure() const { return failure_; }
  /// The least record number that may still come.
  record_number position() const { return next_; }

 private:
  journal::result<std::optional<journal::stored_record>> read();
  journal::result<std::optional<journal::stored_record>> read_the_only_one();
  std::optional<record_or_fault> step_over(journal::failure why);

  journal::journal& journal_;
  record_number next_;
  record_number last_;
  std::optional<journal::partition_id> only_;
  bool single_;  ///< a record of a known partition: it can be asked for by itself
  std::unique_ptr<journal::cursor> cursor_;
  std::optional<journal::stored_record> ahead_;  ///< found by step_over()
  std::optional<journal::failure> failure_;
};

}  // namespace quipu::tool
