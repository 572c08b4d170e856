/// What a partition is made of inside; included by its .cpp files only.
#pragma once

#include "core/partition.hpp"

#include <quipu/journal/record.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quipu::core {

/// A decided command whose answer waits for its batch.
struct entry {
  command_ptr who;
  cell* where = nullptr;
  bool commits = false;                 // false: an answer that rests on no new event
  std::unique_ptr<rejection> rejected;  // of an answer without events
  bytes reply;                          // likewise
  std::unique_ptr<remembered> repeat;   // likewise: the original answer (its reply lies in `reply`)
  std::unique_ptr<std::vector<command_ptr>> waiters;  // repeats of this commit that came while it was pending
};

/// Commands decided since the last batch left. Entries keep their addresses until the batch is settled.
struct partition::batch {
  std::deque<entry> entries;
  journal::batch_builder builder;
  bool full = false;  // a decided command did not fit: it takes no more until it has left
};

/// The one append, claim or check that is on its way. While its outcome is unknown only the successor of the
/// expected tail decides (docs/guarantees.md, 7): ours: done; another's: lost; none: the identical record goes
/// out again.
struct partition::flight {
  flight_kind kind = flight_kind::none;
  record_number expected = 0;
  std::shared_ptr<const bytes> record;    // what is sent, and sent again
  id128 id;                               // of `record`
  std::uint64_t epoch = 0;                // likewise
  std::shared_ptr<const bytes> given_up;  // the batch, once a claim is sent in its place
  id128 given_up_id;
  time_us first_sent = 0;
  time_us retry_at = 0;  // 0: an answer is on its way
  retry_action retries = retry_action::send;
  std::uint32_t attempts = 0;
  bool uncertain = false;  // an earlier sending of `record` may still arrive
  // Of the last sending: a verdict only if the successor bears it out.
  std::optional<journal::failure> refusal;
  std::deque<entry> entries;  // whose answers wait for it
};

/// A stored record on its way into cells, with its types looked up once.
struct replay_record {
  journal::stored_record stored;
  journal::record_view view;
  std::vector<std::vector<std::uint32_t>>
      types;  // by category, by record type: index into entity_type::events

  std::uint32_t event_type(std::uint16_t category, std::uint16_t type) const { return types[category][type]; }
};

}  // namespace quipu::core
