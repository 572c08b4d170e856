/// The codes of everything that can go wrong, of the journal and of the runtime: for programs, for searching, and for
/// `quipu explain CODE`. The list is closed; a code keeps its meaning for ever, and one that is not used any more is
/// not given to anything else. The table with what each means and what to do is journal/src/format/error_codes.cpp;
/// docs/errors.md is made from it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace quipu {

/// Named by area: `journal_locked` is shown as "journal.locked". The names are kept for ever, the numbers are not.
enum class error_code : std::uint8_t {
  // Of the journal, its backends and the checkpoints beside it
  url_invalid,
  login_invalid,
  journal_invalid,
  journal_partition,
  journal_not_found,
  journal_exists,
  journal_locked,
  journal_read_only,
  journal_damaged,
  journal_version,
  journal_lost_records,
  journal_full,
  journal_refused,
  journal_reopening,
  record_cut_short,
  record_checksum,
  record_malformed,
  record_version,
  record_unaligned,
  record_too_large,
  schema_damaged,
  schema_no_table,
  schema_too_large,
  schema_payload,
  schema_json,
  storage_not_found,
  storage_in_use,
  storage_locked,
  storage_permission,
  storage_out_of_space,
  storage_map_full,
  storage_limit,
  storage_damaged,
  storage_version,
  storage_failed,
  storage_closed,
  checkpoint_damaged,
  checkpoint_other,
  checkpoint_discarding,
  server_unreachable,
  server_connection,
  server_no_answer,
  server_odd_answer,
  server_error,
  server_login,
  server_no_jetstream,
  server_max_payload,
  server_unsafe,
  server_monitor,
  stream_gone,
  stream_no_header,
  stream_not_made,
  stream_replaced,
  stream_silent,
  // Of projections
  projection_not_kept,
  projection_no_letter,
  projection_letter_not_first,
  projection_letters_full,
  projection_locked,
  projection_other_journal,
  projection_other_version,
  projection_format,
  projection_journal_shorter,
  projection_broken_chain,
  projection_schema_missing,
  projection_unknown_event,
  projection_schema_change,
  projection_behind,
  projection_past_live,
  projection_not_promotable,
  projection_late,
  projection_damaged,
  projection_directory,
  projection_reaction,
  projection_unanswered,
  projection_wish_lost,
  reaction_store_lost,
  reaction_letters_full,
  // Of the runtime
  runtime_option,
  runtime_closed,
  runtime_not_claimed,
  runtime_thread,
  runtime_schema_change,
  domain_invalid,
  module_file,
  module_foreign,
  module_version,
  module_threw,
  partition_full,
  partition_superseded,
  partition_failed,
  partition_broke_down,
  partition_broken_chain,
  partition_foreign_record,
  partition_journal_late,
  event_unknown,
  entity_full,
  entity_quarantined,
  entity_history,
  entity_decide_threw,
  entity_evolve_threw,
  entity_reply_threw,
  entity_commit_too_large,
  entity_reply_too_large,
  entity_state_too_large,
  command_unknown_entity,
  command_unknown,
  command_key,
  command_id,
  command_source,
  command_null,
  command_damaged,
  command_headers,
  command_too_large,
  command_repeats,
  command_other_body,
  command_other_reply,
  command_wrong_sequence,
  command_too_late,
  command_forgotten,
  command_handled_before,
  command_unsettled,
  command_deadline,
  command_given_up,
  command_in_flight,
  reply_damaged,
  future_empty,
};

/// A line of the table.
struct error_entry {
  error_code code;
  std::string_view name;   ///< "journal.locked"
  std::string_view kind;   ///< of the failures (journal) or errors (runtime) that carry it
  std::string_view means;  ///< a sentence
  std::string_view cure;   ///< a sentence: what to do
};

/// All of them, in the order of the enumeration.
std::span<const error_entry> all_errors();
const error_entry& explain(error_code code);
/// By name; nothing where there is no such code.
std::optional<error_code> error_code_named(std::string_view name);

inline std::string_view name_of(error_code code) { return explain(code).name; }

}  // namespace quipu
