/// Reads the records of a journal one after the other, past those that are damaged.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>

#include "command.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {

/// Ends where the journal ended when the walk began, so that a busy writer cannot keep it going for ever.
/// Names every fault on stderr.
class record_walk {
 public:
  struct step {
    journal::stored_record stored;
    journal::record_view view;  ///< of stored.data
  };

  /// Flushes `out` before it complains, so that messages stand where they belong when both go to one
  /// terminal.
  record_walk(journal::journal& from, record_number first, record_number last,
              std::optional<journal::partition_id> only, output& out);

  /// The next sound record; nothing at the end, or when the program is asked to stop.
  std::optional<step> next();

  /// How the walk went so far.
  exit_code outcome() const { return outcome_; }
  std::uint64_t damaged() const { return damaged_; }

 private:
  bool step_over(const journal::failure& why);
  void report(const std::string& text);

  journal::journal& journal_;
  record_number next_;  ///< the least number that may still come
  record_number last_;
  std::optional<journal::partition_id> only_;
  output& out_;
  std::unique_ptr<journal::cursor> cursor_;
  std::optional<journal::stored_record> ahead_;  ///< found by step_over()
  exit_code outcome_ = exit_code::done;
  std::uint64_t damaged_ = 0;
};

}  // namespace quipu::tool
