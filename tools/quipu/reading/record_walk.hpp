/// Reads the records of a journal one after the other, in either direction, and names every fault on stderr.
#pragma once

#include <cstdint>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <variant>
#include <vector>

#include "command.hpp"
#include "reading/placed_event.hpp"
#include "reading/range_reader.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {

enum class direction : std::uint8_t { oldest_first, newest_first };

/// The ranges end where the journal ended when the walk began, so that a busy writer cannot keep it going for ever.
/// Backwards it holds a few MB of records.
class record_walk {
 public:
  using step = read_record;

  /// `ranges`: in order, without overlaps. Flushes `out` before it complains, so that messages stand where they belong
  /// when both go to one terminal.
  record_walk(journal::journal& from, std::vector<record_range> ranges,
              std::optional<journal::partition_id> only, output& out,
              direction way = direction::oldest_first);
  record_walk(journal::journal& from, record_number first, record_number last,
              std::optional<journal::partition_id> only, output& out)
      : record_walk(from, {record_range{first, last}}, only, out) {}

  /// The next sound record; nothing at the end, or when the program is asked to stop.
  std::optional<step> next();

  /// How the walk went so far.
  exit_code outcome() const { return outcome_; }
  std::uint64_t damaged() const { return faults_.size(); }
  /// Where it could not read, in the order in which it went by.
  const std::vector<record_range>& faults() const { return faults_; }

 private:
  std::optional<record_or_fault> take();
  std::optional<record_or_fault> take_forwards();
  std::optional<record_or_fault> take_backwards();
  bool fill_piece(record_range& range);
  void fail(const journal::failure& why);
  void report(const record_fault& fault);

  journal::journal& journal_;
  std::vector<record_range> ranges_;  ///< still to be read; the next one is the last of them
  std::optional<journal::partition_id> only_;
  output& out_;
  direction way_;
  std::optional<range_reader> reader_;  ///< forwards: of the range at hand
  std::vector<record_or_fault>
      piece_;  ///< backwards: read, and not yet taken; the next one is the last of them
  record_number piece_records_ = 16;  ///< how many record numbers are read at once
  bool failed_ = false;
  exit_code outcome_ = exit_code::done;
  std::vector<record_range> faults_;
};

}  // namespace quipu::tool
