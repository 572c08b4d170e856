// What is done with dead letters: listed, tried again, left out.
#include "projections/applying.hpp"

#include <quipu/projections/key.hpp>

#include <algorithm>
#include <utility>

namespace quipu::projecting {

namespace {
std::string key_of(const event_key& event) { return letter_key(event.category, event.key, event.sequence); }
}  // namespace

std::vector<dead_letter> applying::list(const event_key& from, std::size_t limit) {
  return letters_in(rows_, from, limit);
}

std::vector<skipped_event> applying::skipped() { return skips_in(rows_); }

void applying::keep_skips(const std::vector<skipped_event>& list) {
  for (const auto& skip : list) {
    const auto key = key_of(skip.event);
    rows_.put(skips_table, key, as_bytes(skip_row(skip.reason, skip.time.time_since_epoch().count())));
    skips_.insert(key);
  }
}

result<std::optional<event_key>> applying::first_letter_from(std::string_view key) {
  return guarded([&]() -> std::optional<event_key> {
    const auto found = rows_.at_or_after(letters_table, key);
    if (!found) return std::nullopt;
    return model::decode_key<event_key>(found->key);
  });
}

result<void> applying::check_first(const event_key& event) {
  const auto prefix = entity_prefix(event.category, event.key);
  auto first = first_letter_from(prefix);
  if (!first) return std::unexpected(first.error());
  const bool there = *first && (*first)->category == event.category && (*first)->key == event.key;
  if (there && **first == event) return {};
  if (!there || (*first)->sequence > event.sequence)
    return fail(error_code::projection_no_letter, "there is no dead letter " + name_of(event));
  return fail(error_code::projection_letter_not_first,
              name_of(event) + " comes behind " + name_of(**first) +
                  ", and the events of an entity are applied in order; do that one first");
}

void applying::drop_letter(std::string_view key, std::size_t bytes) {
  --letters_;
  letter_bytes_ -= std::min<std::uint64_t>(letter_bytes_, bytes);
  rows_.erase(letters_table, key);
}

released applying::work_through(const event_key& first) {
  const auto prefix = entity_prefix(first.category, first.key);
  const auto mark_at = mark_key(first.category, first.key);
  auto mark = mark_of(mark_at);
  released done;
  bool going = true;
  std::string at = prefix;
  for (;;) {
    const auto found = rows_.at_or_after(letters_table, at);
    if (!found || !found->key.starts_with(prefix)) break;
    at = found->key;
    if (!going) {
      ++done.left;
      at.push_back('\0');
      continue;
    }
    const stored_letter letter(at, found->row);
    const auto size = found->row.size();
    const auto type = types_.index_of(letter.key().category, letter.event().type);
    auto attempts = letter.attempts();
    ++counts_.retries;
    // A type that the projection does not want any more has no effect.
    if (type == event_types::passed_by ||
        attempt(static_cast<std::uint32_t>(type), letter.event(), attempts.error)) {
      drop_letter(at, size);
      mark.applied = letter.key().sequence;
      ++done.applied;
      ++counts_.applied;
    } else {
      if (rows_.trouble()) throw port::row_trouble(*rows_.trouble());
      attempts.last_us = now_us();
      if (attempts.count++ == 0) attempts.first_us = attempts.last_us;
      const auto row = letter_row(letter.event(), attempts);
      rows_.put(letters_table, at, as_bytes(row));
      letter_bytes_ += row.size() - size;
      ++done.left;
      going = false;
    }
    at.push_back('\0');
  }
  if (done.left == 0) mark.parked = 0;
  rows_.put(marks_table, mark_at, bytes_of(mark));
  return done;
}

result<released> applying::release(const event_key& first) {
  return guarded([&] { return work_through(first); });
}

result<released> applying::skip(const event_key& first, std::string_view reason) {
  return guarded([&] {
    const auto key = key_of(first);
    const auto row = rows_.get(letters_table, key);
    drop_letter(key, row ? row->size() : 0);
    keep_skips({{first, std::string(reason), dead_letter::time_point(std::chrono::microseconds(now_us()))}});
    const auto mark_at = mark_key(first.category, first.key);
    auto mark = mark_of(mark_at);
    mark.applied = first.sequence;
    rows_.put(marks_table, mark_at, bytes_of(mark));
    return work_through(first);
  });
}

}  // namespace quipu::projecting
