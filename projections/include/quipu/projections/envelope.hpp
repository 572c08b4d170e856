/// What a projection knows of an event besides its body.
#pragma once

#include <quipu/journal/id.hpp>
#include <quipu/journal/position.hpp>
#include <quipu/journal/record.hpp>
#include <quipu/projections/key.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace quipu {

/// Whose event it is, which, where and when. Views hold while `on` runs.
struct envelope {
  std::string_view category;
  std::string_view key;
  std::uint64_t sequence = 0;  ///< of the event within its entity, from 1
  quipu::position position;
  std::chrono::sys_time<std::chrono::microseconds> time;  ///< when its command was decided
  id128 command;
  id128 trace;
  id128 causation;
  bool ends = false;          ///< the entity ends with this event
  bool after_expiry = false;  ///< the entity had outlived its time, and begins again with this event
  std::span<const journal::header_view> headers;

  /// The event's own name, for ever: the key of rows that stand for one event.
  event_key id() const { return {std::string(category), std::string(key), sequence}; }
  /// Empty where it was not sent.
  std::string_view header(std::string_view name) const {
    for (const auto& h : headers)
      if (h.name == name) return as_text(h.value);
    return {};
  }
};

}  // namespace quipu
