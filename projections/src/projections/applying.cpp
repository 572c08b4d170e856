#include "projections/applying.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace quipu::projecting {

namespace {
constexpr std::int32_t not_yet = -2;
// From here on a failure is not one event's.
constexpr std::uint32_t in_a_row_most = 3;
// Of what an author's exception says, in bytes: the letter is kept in memory and on disk, and shown on a line.
constexpr std::size_t longest_error = 1024;

std::string begin_of(std::string_view text) {
  auto size = std::min(text.size(), longest_error);
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80)
    --size;  // UTF-8
  return std::string(text.substr(0, size));
}

std::string name_of(const envelope& event) {
  return journal::event_id(event.category, event.key, event.sequence);
}
}  // namespace

applying::applying(const port::projection_type& what, event_types& types, pending_rows& rows,
                   const projector_options& how, pause wait)
    : what_(what), types_(types), rows_(rows), author_rows_(rows), how_(how), wait_(std::move(wait)) {}

result<void> applying::reload() {
  letters_ = 0;
  letter_bytes_ = 0;
  failed_in_a_row_ = 0;
  skips_.clear();
  try {
    std::string at;
    for (; const auto found = rows_.at_or_after(letters_table, at); at.push_back('\0')) {
      ++letters_;
      letter_bytes_ += found->row.size();
      at = found->key;
    }
    at.clear();
    for (; const auto found = rows_.at_or_after(skips_table, at); at.push_back('\0'))
      skips_.insert(at = found->key);
  } catch (const port::row_trouble& trouble) {
    return std::unexpected(trouble.why);
  }
  return {};
}

mark_row applying::mark_of(const std::string& key) {
  const auto row = rows_.get(marks_table, key);
  if (!row) return {};
  if (const auto mark = row_in<mark_row>(*row)) return *mark;
  throw port::row_trouble(failure(error_code::projection_damaged,
                                  "the mark of " + key + " has another size; rebuild the projection"));
}

result<applying::outcome> applying::take(const followed_record& record) {
  const auto types = record.view.type_count();
  resolved_.clear();
  try {
    for (std::uint32_t i = 0; i < record.view.commit_count(); ++i) {
      const auto commit = record.view.commit_at(i);
      const auto entity = types_.entity(commit.category);
      if (!entity) {
        counts_.passed += commit.event_count;
        continue;
      }
      if (resolved_.size() < (*entity + 1) * types) resolved_.resize((*entity + 1) * types, not_yet);
      auto taken = take_commit(record, commit, *entity);
      if (!taken || *taken == outcome::interrupted) return taken;
    }
  } catch (const port::row_trouble& trouble) {
    return std::unexpected(trouble.why);
  }
  return outcome::done;
}

result<applying::outcome> applying::take_commit(const followed_record& record,
                                                const journal::commit_view& commit, std::uint32_t entity) {
  event_at_hand event;
  event.from = {
      .category = commit.category,
      .key = commit.key,
      .sequence = commit.first_sequence,
      .time = std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(commit.time_us)),
      .command = commit.command,
      .trace = commit.trace,
      .causation = commit.causation};
  headers_.clear();
  for (std::uint32_t i = 0; i < commit.header_count; ++i) headers_.push_back(record.view.header(commit, i));
  event.from.headers = headers_;

  std::optional<mark_row> before;
  mark_row mark;
  const auto types = record.view.type_count();
  for (std::uint32_t i = 0; i < commit.event_count; ++i) {
    const auto stored = commit.event(i);
    event.from.sequence = commit.first_sequence + i;
    auto& resolved = resolved_[entity * types + stored.type];
    if (resolved == not_yet) {
      auto index = types_.index_of(entity, record.view.type(stored.type), [&] {
        return "event " + name_of(event.from) + " in record " + std::to_string(record.stored.number);
      });
      if (!index) return std::unexpected(index.error());
      resolved = *index;
    }
    if (resolved == event_types::passed_by) {
      ++counts_.passed;
      continue;
    }
    if (!before) {
      mark_key_.assign(commit.category).append("/").append(commit.key);
      before = mark = mark_of(mark_key_);
    }
    event.type = what_.events[static_cast<std::size_t>(resolved)].type.name;
    event.payload = stored.payload;
    event.from.position = position::of(record.stored.number, commit.first_event + i);
    event.from.ends = commit.ended && i + 1 == commit.event_count;
    event.from.after_expiry = commit.after_expiry && i == 0;
    auto taken = take_event(static_cast<std::uint32_t>(resolved), event, mark);
    if (!taken || *taken == outcome::interrupted) return taken;
  }
  if (before && (before->applied != mark.applied || before->parked != mark.parked))
    rows_.put(marks_table, mark_key_, bytes_of(mark));
  return outcome::done;
}

result<applying::outcome> applying::take_event(std::uint32_t type, const event_at_hand& event,
                                               mark_row& mark) {
  const auto sequence = event.from.sequence;
  if (sequence <= mark.applied || sequence <= mark.parked) {
    ++counts_.duplicates;
    return outcome::done;
  }
  if (!skips_.empty() && skips_.contains(letter_key(event.from.category, event.from.key, sequence))) {
    mark.applied = sequence;
    return outcome::done;
  }
  attempts_so_far attempts;
  if (mark.parked == 0) {
    for (;;) {
      if (attempt(type, event, attempts.error)) {
        mark.applied = sequence;
        ++counts_.applied;
        failed_in_a_row_ = 0;
        return outcome::done;
      }
      if (rows_.trouble()) return std::unexpected(*rows_.trouble());
      attempts.last_us = now_us();
      if (attempts.count++ == 0) attempts.first_us = attempts.last_us;
      if (attempts.count >= how_.attempts) break;
      if (failed_in_a_row_ < in_a_row_most) {
        rows_.release();
        if (!wait_(wait_before(attempts.count))) return outcome::interrupted;
      }
      ++counts_.retries;
    }
    ++failed_in_a_row_;
  }
  if (auto parked = park(event, attempts, mark); !parked) return std::unexpected(parked.error());
  return outcome::done;
}

bool applying::attempt(std::uint32_t type, const event_at_hand& event, std::string& error) {
  rows_.begin_event();
  try {
    what_.apply(type, event.payload, event.from, author_rows_);
    return !rows_.trouble();
  } catch (const std::exception& thrown) {
    error = begin_of(thrown.what());
  } catch (...) {
    error = "something was thrown that is no std::exception";
  }
  rows_.undo_event();
  return false;
}

std::chrono::milliseconds applying::wait_before(std::uint32_t attempt) {
  const auto longest = how_.first_wait * (1U << std::min(2 * (attempt - 1), 12U));
  const auto most = static_cast<std::uint64_t>(longest.count());
  return std::chrono::milliseconds(std::uniform_int_distribution<std::uint64_t>(most / 2, most)(chance_));
}

result<void> applying::park(const event_at_hand& event, const attempts_so_far& attempts, mark_row& mark) {
  const auto row = letter_row(event, attempts);
  if (letters_ + 1 > how_.dead_letters_most || letter_bytes_ + row.size() > how_.dead_letter_bytes_most) {
    return fail(error_code::projection_letters_full,
                "there are " + std::to_string(letters_) + " dead letters (" + std::to_string(letter_bytes_) +
                    " bytes) and no more may be; the next would be " + name_of(event.from) +
                    (attempts.error.empty() ? ", which waits behind another" : ": " + attempts.error) +
                    "; mend the projection and retry them, skip them, or raise dead_letters_most");
  }
  rows_.put(letters_table, letter_key(event.from.category, event.from.key, event.from.sequence),
            as_bytes(row));
  ++letters_;
  letter_bytes_ += row.size();
  mark.parked = event.from.sequence;
  return {};
}

}  // namespace quipu::projecting
