/// Dead letters and skips as rows.
#pragma once

#include "projections/failures.hpp"
#include "projections/layout.hpp"

#include <quipu/projections/dead_letter.hpp>
#include <quipu/projections/envelope.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::projecting {

/// One event with all that is needed to apply it: as it lies in a record, or in a stored letter (which it views then).
struct event_at_hand {
  std::string_view type;
  bytes_view payload;
  envelope from;
};

/// What went wrong with it so far.
struct attempts_so_far {
  std::uint32_t count = 0;
  std::string error;
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
};

/// A letter taken from the store. Owns its bytes; `event` views them and `key`.
class stored_letter {
 public:
  /// Throws port::damaged_payload for bytes that are no letter.
  stored_letter(std::string_view key, bytes_view row);
  stored_letter(const stored_letter&) = delete;
  stored_letter& operator=(const stored_letter&) = delete;

  const event_key& key() const { return key_; }
  const event_at_hand& event() const { return event_; }
  const attempts_so_far& attempts() const { return attempts_; }
  dead_letter shown() const;

 private:
  event_key key_;
  std::vector<std::uint64_t> row_;  // aligned
  std::vector<journal::header_view> headers_;
  event_at_hand event_;
  attempts_so_far attempts_;
};

std::string letter_row(const event_at_hand& event, const attempts_so_far& attempts);
std::string skip_row(std::string_view reason, std::int64_t time_us);
skipped_event skip_in(std::string_view key, bytes_view row);

/// The key of an event's letter and skip; all of an entity's begin with entity_prefix().
std::string letter_key(std::string_view category, std::string_view key, std::uint64_t sequence);
std::string entity_prefix(std::string_view category, std::string_view key);
std::string mark_key(std::string_view category, std::string_view key);
/// For people: `account/acc-17@3`, escaped.
std::string name_of(const event_key& event);

std::int64_t now_us();

/// What lies in the tables of letters and skips. `rows`: pending or committed ones.
template <class Rows>
std::vector<dead_letter> letters_in(Rows& rows, const event_key& from, std::size_t limit) {
  std::vector<dead_letter> list;
  auto at = from.category.empty() ? std::string() : letter_key(from.category, from.key, from.sequence);
  for (; list.size() < limit; at.push_back('\0')) {
    const auto found = rows.at_or_after(letters_table, at);
    if (!found) break;
    at = found->key;
    list.push_back(stored_letter(at, found->row).shown());
  }
  return list;
}
template <class Rows>
std::vector<skipped_event> skips_in(Rows& rows) {
  std::vector<skipped_event> list;
  std::string at;
  for (; const auto found = rows.at_or_after(skips_table, at); at.push_back('\0')) {
    at = found->key;
    list.push_back(skip_in(at, found->row));
  }
  return list;
}

}  // namespace quipu::projecting
