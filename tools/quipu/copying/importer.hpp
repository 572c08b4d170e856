/// Makes a journal of the records of another one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <quipu/journal/journal.hpp>
#include <string>
#include <vector>

#include "copying/copied_record.hpp"
#include "copying/export_format.hpp"
#include "copying/position_map.hpp"
#include "copying/record_source.hpp"

namespace quipu::tool {

/// Of what records hold, whichever journal they lie in: the chain, the incarnation and the record numbers do not count.
struct content_digest {
  id128 value;
  export_counts counts;

  void add(const copied_record& content, const checksum& of_content);
  friend bool operator==(const content_digest&, const content_digest&) = default;
};

/// Takes records in their order, compares those that the target has with them, and appends the others: so an import that
/// ended half way goes on. One thread.
class importer {
 public:
  /// `to` is open for writing, and stays so.
  importer(journal::journal& to, const export_head& from);

  /// Whether the target can be a copy of the source; stores the schemas that it lacks.
  journal::result<void> prepare();
  /// The next record of the source. Returns when it is durable.
  from_source<void> take(const copied_record& record);
  /// After the last one: whether the target has nothing else.
  from_source<void> finish();

  std::uint64_t found() const { return found_; }        ///< records that were there already
  std::uint64_t appended() const { return appended_; }  ///< and those that were not
  const content_digest& digest() const { return digest_; }

 private:
  struct partition_end {
    record_number number = 0;
    checksum sum;
  };
  from_source<record_number> place(const copied_record& record, const std::shared_ptr<const bytes>& sealed,
                                   const checksum& content);
  from_source<bool> is_there(const copied_record& record, const journal::stored_record& stored,
                             const checksum& content);
  journal::result<record_number> append(const copied_record& record, std::shared_ptr<const bytes> sealed);
  journal::result<std::optional<record_number>> find_appended(const copied_record& record,
                                                              record_number expected);

  journal::journal& to_;
  const export_head& from_;
  std::unique_ptr<journal::cursor> there_;  ///< null: the target's records are all compared
  record_number compared_to_ = 0;
  record_sealer sealer_;
  position_map places_;
  std::map<journal::partition_id, partition_end> tails_;
  content_digest digest_;
  std::uint64_t found_ = 0;
  std::uint64_t appended_ = 0;
};

/// The checksum of what a record of `lineage` holds; its sources as they are.
journal::result<checksum> content_sum(record_sealer& with, const copied_record& content,
                                      const id128& lineage);

}  // namespace quipu::tool
