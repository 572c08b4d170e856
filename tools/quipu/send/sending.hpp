/// The two ways to decide a command.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "reading/entity_name.hpp"
#include "reading/modules.hpp"
#include "send/outcome.hpp"

namespace quipu::tool {

struct command_to_send {
  std::string url;
  entity_name entity;
  const port::entity_type* type = nullptr;
  std::uint32_t which = 0;  ///< index into type->commands
  bytes body;
  std::optional<command_id> id;
  std::chrono::milliseconds timeout{0};
  std::filesystem::path directory;  ///< of the runtime; empty: that of the journal, or one of this run's own
};

/// Opens a runtime on the journal, which claims its partitions, and sends. What went wrong was said on stderr.
std::expected<sent_outcome, exit_code> send_command(const command_to_send& what, const modules& with,
                                                    std::optional<payload_reader>& payloads);
/// Reads the entity's history and decides, without writing anything.
std::expected<sent_outcome, exit_code> try_command(const command_to_send& what, const modules& with,
                                                   std::optional<payload_reader>& payloads, output& out);

}  // namespace quipu::tool
