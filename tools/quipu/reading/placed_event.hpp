/// An event and the record that it lies in.
#pragma once

#include <quipu/journal/position.hpp>
#include <quipu/journal/record.hpp>

#include <cstdint>

namespace quipu::tool {

/// A record, with the bytes that its view looks at.
struct read_record {
  journal::stored_record stored;
  journal::record_view view;  ///< of stored.data
};

/// Looks at its record and commit, and lives no longer than they do.
struct placed_event {
  const read_record& record;
  const journal::commit_view& commit;
  std::uint32_t index = 0;  ///< within the commit

  position at() const { return position::of(record.stored.number, commit.first_event + index); }
  std::uint64_t sequence() const { return commit.first_sequence + index; }
  bool is_first() const { return index == 0; }  ///< of its commit
  bool is_last() const { return index + 1 == commit.event_count; }
  bytes_view payload() const { return commit.event(index).payload; }
  journal::type_ref type() const { return record.view.type(commit.event(index).type); }
};

}  // namespace quipu::tool
