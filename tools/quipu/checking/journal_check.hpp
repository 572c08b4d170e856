/// Whether the records of a journal, one after the other, are a journal: docs/journal_format.md, sections 4 to 6.
#pragma once

#include <memory>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>
#include <vector>

#include "checking/fault.hpp"
#include "checking/module_check.hpp"
#include "checking/payload_check.hpp"
#include "checking/sequence_table.hpp"

namespace quipu::tool {

/// What went by.
struct checked_figures {
  std::uint64_t records = 0;  ///< damaged ones included
  std::uint64_t claims = 0;
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};

/// A fold over the records in the journal's order. One thread. After a fault it goes on with what it found instead, so that
/// one fault is named once.
class journal_check {
 public:
  /// `from_start`: the first record that comes is the journal's first. Otherwise chains, epochs and sequences begin
  /// where they begin.
  journal_check(const journal::identity& about, std::vector<journal::stored_schema> schemas, bool from_start,
                fault_sink found);

  /// Events are also decoded and evolved by this.
  void use(std::unique_ptr<module_check> modules) { modules_ = std::move(modules); }

  /// Before take() of the same record, from a thread of its own if one likes.
  void look(const journal::stored_record& stored, const journal::record_view& view) {
    payloads_.look(stored, view);
  }
  void take(const journal::stored_record& stored, const journal::record_view& view);
  void take_damaged(const journal::stored_record& stored, const journal::failure& why);
  void take_unreadable(record_number first, record_number last, const journal::failure& why);
  /// After the records `first` to `last`, the journal's last: whether each partition ends where the journal says that it
  /// ends. Fails where the journal cannot be reached.
  journal::result<void> check_tails(journal::journal& of, record_number first, record_number last);

  const checked_figures& figures() const { return figures_; }
  std::uint64_t entities() const { return sequences_.size(); }
  const module_check* modules() const { return modules_.get(); }

 private:
  /// What is known of a partition.
  struct cord {
    record_number last = 0;  ///< also of a damaged record
    checksum sum;
    std::uint64_t epoch = 0;
    std::int64_t record_time = 0;
    std::int64_t commit_time = 0;
    bool begun = false;        ///< a record came by
    bool linked = false;       ///< `last` is sound: the next record must follow it
    bool knows_epoch = false;  ///< and its epoch is known
  };
  struct place {
    const journal::stored_record& stored;
    void report(const fault_sink& to, std::string_view kind, std::string what) const;
  };
  void check_stamp(const place& at, const journal::record_view& view, cord& partition);
  void check_epoch(const place& at, const journal::record_view& view, const cord& partition);
  struct named_commit {
    journal::commit_view commit;
    id128 entity;
  };
  void check_commit(const place& at, const journal::record_view& view, const named_commit& named,
                    cord& partition);
  bool check_sequence(const place& at, const journal::commit_view& commit, sequence_table::slot& entity);
  void report(const place& at, const journal::commit_view& commit, std::uint32_t event, std::string_view kind,
              std::string what, std::optional<error_code> code = std::nullopt);

  const journal::identity about_;
  const bool from_start_;
  const fault_sink found_;
  payload_check payloads_;
  sequence_table sequences_;
  std::vector<cord> partitions_;
  std::vector<named_commit> commits_;  ///< of the record at hand, kept for its memory
  std::vector<std::pair<record_number, record_number>> unreadable_;
  std::unique_ptr<module_check> modules_;
  checked_figures figures_;
};

}  // namespace quipu::tool
