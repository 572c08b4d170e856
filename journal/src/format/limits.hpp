/// Limits that the format itself sets; a journal's own limits lie in its header record.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quipu::journal {

inline constexpr std::size_t max_record_events = 65535;  ///< a position has 16 bits for the index
inline constexpr std::size_t max_table_entries = 65535;  ///< strings and types are named by 16 bits
inline constexpr std::uint16_t no_reply = 65535;         ///< Commit.reply_type where there is none
inline constexpr std::size_t payload_alignment = 8;      ///< of events' and replies' payloads, read in place

}  // namespace quipu::journal
