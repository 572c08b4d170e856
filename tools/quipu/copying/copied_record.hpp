/// What a record holds, apart from the journal that it lies in: what is exported, and imported into another one.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>
#include <string>
#include <vector>

namespace quipu::tool {

/// A claim or a batch of commits. Movable; what its views show lives in it or is kept by it.
struct copied_record {
  record_number number = 0;  ///< in the journal that it comes from; its sources are positions there
  journal::partition_id partition = 0;
  std::uint64_t epoch = 0;
  id128 id;
  std::int64_t time_us = 0;
  std::optional<std::string> owner;  ///< of a claim
  std::vector<journal::commit> commits;

  // What the commits' views lead to. Deques: what is in them stays in its place.
  std::deque<std::vector<journal::typed_bytes>> events;
  std::deque<std::vector<journal::header_view>> headers;
  std::deque<std::string> texts;
  std::deque<bytes> blobs;
  std::shared_ptr<const void> keep;

  copied_record() = default;
  copied_record(copied_record&&) = default;
  copied_record& operator=(copied_record&&) = default;
  copied_record(const copied_record&) = delete;
  copied_record& operator=(const copied_record&) = delete;

  std::uint64_t event_count() const;
};

/// Views into the record's bytes.
copied_record content_of(const journal::stored_record& stored, const journal::record_view& view);

/// Makes records of contents. One thread.
class record_sealer {
 public:
  /// Where a source of the content lies in the journal that the record is for; nothing where it leads nowhere.
  using translation = std::function<std::optional<command_source>(const command_source&)>;

  /// Fails, `record.malformed`, where no record can hold this content.
  journal::result<std::shared_ptr<const bytes>> seal(const copied_record& content, const id128& lineage,
                                                     const id128& incarnation, const checksum& previous,
                                                     const translation& translate);

 private:
  journal::batch_builder builder_;
};

/// Leaves sources as they are.
std::optional<command_source> as_it_is(const command_source& source);

}  // namespace quipu::tool
