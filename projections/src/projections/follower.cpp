#include "projections/follower.hpp"

#include <algorithm>
#include <string>

namespace quipu::projecting {
namespace {

std::string name_of(const journal::stored_record& record) {
  return "record " + std::to_string(record.number);
}

result<journal::record_view> decoded(const journal::stored_record& record) {
  auto view = journal::record_view::decode(record.data);
  if (!view) return within(name_of(record), view.error());
  return view;
}

}  // namespace

// The cursor begins with the record that was applied last: it shows that this is still the journal that was followed.
result<std::optional<journal::stored_record>> follower::at_the_position() {
  cursor_ = journal_.read(std::max(where_.at.position.record(), first_));
  auto first = cursor_->next();
  if (!first) {
    cursor_.reset();
    return first;
  }
  if (where_.at.position.record() == 0) return first;
  const auto known = "record " + std::to_string(where_.at.position.record());
  if (!*first || (*first)->number != where_.at.position.record()) {
    cursor_.reset();
    return fail(error_code::projection_journal_shorter,
                "the journal has no " + known + (*first ? " any more" : ", it ends before it") +
                    ", which was applied: records were lost, or an older copy was restored; rebuild the "
                    "projection once "
                    "the journal is sound");
  }
  const auto view = decoded(**first);
  if (!view) return std::unexpected(view.error());
  if (view->sum() != where_.at.record) {
    cursor_.reset();
    return fail(error_code::projection_other_journal,
                known +
                    " is not the one that was applied: the journal was cut back and written on; rebuild the "
                    "projection from it");
  }
  return cursor_->next();
}

result<std::optional<followed_record>> follower::next() {
  auto record = cursor_ ? cursor_->next() : at_the_position();
  // Delivery is at least once: what comes again has taken effect.
  while (record && *record && (*record)->number <= where_.at.position.record()) record = cursor_->next();
  if (!record) return std::unexpected(record.error());
  if (!*record) return std::nullopt;
  auto view = decoded(**record);
  if (!view) return std::unexpected(view.error());
  followed_record followed{std::move(**record), std::move(*view)};
  if (auto sound = check(followed); !sound) return within(name_of(followed.stored), sound.error());
  return followed;
}

result<void> follower::check(const followed_record& record) const {
  const auto stamp = record.view.stamp();
  if (stamp.incarnation != journal_.about().incarnation)
    return fail(error_code::projection_broken_chain,
                "it belongs to another journal, of incarnation " + stamp.incarnation.hex());
  if (stamp.partition >= where_.tails.size() || stamp.partition != record.stored.partition)
    return fail(error_code::projection_broken_chain,
                "it says that it is of partition " + std::to_string(stamp.partition));
  const auto& tail = where_.tails[stamp.partition];
  const bool unknown = first_ != 0 && tail.number == 0;
  if (stamp.previous != tail.sum && !unknown)
    return fail(error_code::projection_broken_chain,
                "it does not follow " +
                    (tail.number == 0 ? std::string("nothing") : "record " + std::to_string(tail.number)) +
                    ", the last of partition " + std::to_string(stamp.partition) +
                    " that was applied: records between them were lost or changed; restore a whole copy");
  return {};
}

void move_past(const followed_record& record, progress& where) {
  const auto events = record.view.event_count();
  where.at = {position::of(record.stored.number, events == 0 ? 0 : events - 1), record.view.sum(),
              record.view.stamp().time_us};
  where.tails[record.stored.partition] = {record.stored.number, record.view.sum()};
}

}  // namespace quipu::projecting
