/// What became of a command that was sent, or would become of it.
#pragma once

#include <cstdint>
#include <optional>
#include <quipu/journal/record.hpp>
#include <quipu/result.hpp>
#include <string>
#include <vector>

#include "command.hpp"
#include "reading/json_changes.hpp"
#include "reading/payload_reader.hpp"

namespace quipu::tool {

struct sent_event {
  std::uint64_t sequence = 0;
  std::optional<quipu::position> at;  ///< nothing in a dry run
  std::string type;
  id128 schema;
  bytes payload;
};

struct sent_outcome {
  std::string category;
  std::string key;
  command_id command;
  bool dry_run = false;
  bool repeat = false;
  std::optional<rejection> rejected;
  std::vector<sent_event> events;
  bool ended = false;
  std::string reply_type;  ///< empty: it answers "done" alone
  id128 reply_schema;
  bytes reply;
  std::uint64_t sequence = 0;         ///< of the entity's last event afterwards
  std::optional<quipu::position> at;  ///< of that event, where it is in the journal
  std::vector<json_change> changes;   ///< of the state, in a dry run
};

/// done, or found_wrong where it was rejected.
exit_code print(const sent_outcome& what, payload_reader& payloads, bool as_json, output& out);

}  // namespace quipu::tool
