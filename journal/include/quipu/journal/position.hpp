/// Where things lie in a journal.
#pragma once

#include <compare>
#include <cstdint>

namespace quipu {

/// Number of a record in the whole journal: 1, 2, 3 … with holes where a backend needs them. 0: before the first.
/// At most 48 bits.
using record_number = std::uint64_t;

/// Place of an event in the whole journal: 48 bits of record number, 16 bits of the event's index within the record.
/// Monotone in the journal's order, opaque to users. The default lies before every event.
struct position {
  std::uint64_t value = 0;

  static constexpr position of(record_number record, std::uint32_t index) {
    return {(record << 16U) | (index & 0xffffU)};
  }
  /// The place of the record's first event.
  static constexpr position start_of(record_number record) { return of(record, 0); }
  constexpr record_number record() const { return value >> 16U; }
  constexpr std::uint32_t index() const { return static_cast<std::uint32_t>(value & 0xffffU); }

  friend constexpr auto operator<=>(const position&, const position&) = default;
};

}  // namespace quipu
