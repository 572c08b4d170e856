/// The stream that is a journal: its subjects, its settings, and what is looked at before it is trusted.
#pragma once

#include <quipu/journal/journal.hpp>
#include <quipu/journal/open.hpp>

#include "jetstream/api.hpp"
#include "jetstream/settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::journal::jetstream {

/// NAME.p.PARTITION, NAME.header, NAME.schema.HASH; NAME.owner is no part of the stream: its owner answers there.
class subjects {
 public:
  subjects(std::string name, std::uint32_t partitions);

  const std::string& of(partition_id partition) const { return partitions_[partition]; }
  std::string all_partitions() const { return name_ + ".p.*"; }
  std::string header() const { return name_ + ".header"; }
  std::string schema(id128 hash) const { return name_ + ".schema." + hash.hex(); }
  std::string all_schemas() const { return name_ + ".schema.*"; }
  std::string owner() const { return name_ + ".owner"; }
  /// Which partition's records have this subject; nothing for all others.
  std::optional<partition_id> partition_in(std::string_view subject) const;

 private:
  std::string name_;
  std::string partition_prefix_;
  std::vector<std::string> partitions_;
};

/// $JS.API.WHAT.NAME
std::string api_subject(std::string_view what, const std::string& name);

/// The settings that make a stream a journal.
json stream_config(const settings& where, const creation& how);

/// Everything about a stream (an answer of STREAM.INFO) and its server (an answer of $JS.API.INFO) that could lose records
/// or fence wrongly: one line each, with its cure. Empty: it can be trusted.
std::vector<std::string> preflight(const json& stream_info, const json& server_info, const settings& where);

/// Headers that a record needs besides its own bytes: what max_payload must leave room for.
inline constexpr std::size_t header_room = 512;

/// How the server keeps what it acknowledged.
struct keeping {
  std::string durability;                  ///< in words: what an acknowledged record survives
  std::optional<bool> survives_power_cut;  ///< nothing: nobody tells
  std::optional<std::uint64_t> room;  ///< bytes left, of the account's or the store's; nothing: nobody tells
};
/// From the answers of STREAM.INFO and of $JS.API.INFO, and from the monitoring where `where` names it.
keeping keeping_of(const json& stream_info, const json& server_info, const settings& where);

}  // namespace quipu::journal::jetstream
