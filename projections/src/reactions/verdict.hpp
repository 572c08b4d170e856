/// What an answer means for the command.
#pragma once

#include <quipu/result.hpp>

#include <cstdint>

namespace quipu::reacting {

enum class verdict : std::uint8_t {
  accepted,
  rejected,
  later,     ///< it will be taken some day: sent again for ever
  unwanted,  ///< sent again a few times, then a dead letter
};

inline verdict verdict_on(const result<packed_answer>& answer) {
  if (answer) return answer->accepted() ? verdict::accepted : verdict::rejected;
  switch (answer.error().code) {
    case error_code::command_handled_before:  // its answer is forgotten; a rejection is never handled
      return verdict::accepted;
    // Of this command or this target. Everything else is trouble of the partition, the journal or the program.
    case error_code::record_too_large:
    case error_code::event_unknown:
    case error_code::entity_quarantined:
    case error_code::entity_decide_threw:
    case error_code::entity_evolve_threw:
    case error_code::entity_reply_threw:
    case error_code::entity_commit_too_large:
    case error_code::entity_reply_too_large:
    case error_code::entity_state_too_large:
    case error_code::command_unknown_entity:
    case error_code::command_unknown:
    case error_code::command_key:
    case error_code::command_source:
    case error_code::command_null:
    case error_code::command_damaged:
    case error_code::command_headers:
    case error_code::command_too_large:
    case error_code::command_other_body:
    case error_code::command_other_reply:
    case error_code::command_wrong_sequence:
      return verdict::unwanted;
    default:
      return verdict::later;
  }
}

}  // namespace quipu::reacting
