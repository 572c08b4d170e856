// From stored records to durable images: opening, late snapshots, rebuilds.
#include "core/partition_parts.hpp"
#include "core/snapshot.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace quipu::core {
namespace {

constexpr time_us rebuild_retry = 1'000'000;

}  // namespace

// Before anything is built on the checkpoint, and before a new snapshot could hide where it came from: does
// the journal have the newest record that is in it?
void partition::begin_replay() {
  phase_ = phase::replaying;
  if (newest_at_start_.number == 0) return replay_tail();
  if (newest_at_start_.number > tail_)
    return distrust_checkpoint("the journal ends at record " + std::to_string(tail_) +
                               ", a snapshot holds record " + std::to_string(newest_at_start_.number));
  *flight_ = {};
  flight_->kind = flight_kind::trust;
  flight_->expected = newest_at_start_.number - 1;
  ask_successor();
}

void partition::compare_newest(const std::optional<journal::stored_record>& found) {
  *flight_ = {};
  const auto known = std::exchange(newest_at_start_, {});
  const auto place = "record " + std::to_string(known.number);
  if (!found || found->number != known.number)
    return distrust_checkpoint("the journal does not have " + place + ", which is in a snapshot");
  const auto view = journal::record_view::decode(found->data);
  if (!view) return fail(view.error().code, place + ": " + view.error().text);
  if (view->sum() != known.sum) return distrust_checkpoint(place + " is not the one that is in a snapshot");
  replay_tail();
}

void partition::replay_tail() {
  replay_from_ = tail_;
  for (const auto& category : categories_) replay_from_ = std::min(replay_from_, category.floor.record());
  replay_from_ = std::max<record_number>(replay_from_, 1);
  replayed_to_ = replay_from_ - 1;
  replayed_sum_ = {};
  replayed_epoch_ = 0;
  for (const auto& known : stored_quarantines_) {
    const auto category = category_index(known.category);
    if (!category) continue;
    auto& where = cells_.insert(*category, categories_[*category].type, known.key,
                                journal::entity_hash(known.category, known.key));
    if (config_.retry_quarantined) {
      request_rebuild(where, "it was quarantined, and is tried again");
      continue;
    }
    where.phase = cell_phase::quarantined;
    where.why = known.why;
    ++quarantined_;
  }
  out_->replay = {++replay_pass_, replay_from_};
}

// Nothing that was derived from another journal's end can be kept: the partition is replayed from its first
// record.
void partition::distrust_checkpoint(std::string why) {
  note(effect::note_kind::rebuilt, "the checkpoint is discarded: " + std::move(why));
  for (auto& category : categories_) {
    category.floor = {};
    category.has_rows = false;
  }
  out_->discards.push_back({});
  newest_ = newest_at_start_ = {};
  stored_quarantines_.clear();
  replay_tail();
}

void partition::on(input::replayed& in) {
  for (const auto& stored : in.records) {
    if (phase_ != phase::replaying || in.pass != replay_pass_) return;
    if (stored.number > replayed_to_ && stored.number <= tail_) replay(stored);
  }
}

void partition::replay(const journal::stored_record& stored) {
  const auto record = understand(stored);
  if (!record) return;
  const auto stamp = record->view.stamp();
  const auto place = "record " + std::to_string(stored.number);
  if (replayed_sum_ && stamp.previous != replayed_sum_)
    return fail(error_code::partition_broken_chain, place + " does not follow the partition's record " +
                                                        std::to_string(replayed_to_) +
                                                        ": the hash chain is broken");
  if (stamp.epoch < replayed_epoch_)
    return fail(error_code::partition_broken_chain,
                place + " is of an older epoch than the record before it");
  replayed_to_ = stored.number;
  replayed_sum_ = record->view.sum();
  replayed_epoch_ = stamp.epoch;
  apply_record(record);
  if (stored.number == tail_ && phase_ == phase::replaying) serve();
}

void partition::serve() {
  phase_ = phase::serving;
  figures_.replayed_events = durable_events_;
}

bool partition::wants_replay() const {
  return phase_ == phase::replaying && active_cells() < config_.limits.resident_entities;
}

std::shared_ptr<const replay_record> partition::understand(const journal::stored_record& stored) {
  const auto place = "record " + std::to_string(stored.number);
  auto view = journal::record_view::decode(stored.data);
  if (!view) {
    fail(view.error().code, place + ": " + view.error().text);
    return nullptr;
  }
  if (!is_ours(view->stamp())) {
    fail(error_code::partition_foreign_record, place + " belongs to another journal or partition");
    return nullptr;
  }
  auto record = std::make_shared<replay_record>(replay_record{stored, std::move(*view), {}});
  record->types.resize(categories_.size());
  for (std::size_t c = 0; c < categories_.size(); ++c) {
    for (std::uint32_t t = 0; t < record->view.type_count(); ++t)
      record->types[c].push_back(event_index(*categories_[c].type, record->view.type(t).name));
  }
  return record;
}

void partition::apply_record(const std::shared_ptr<const replay_record>& record) {
  for (std::uint32_t i = 0; i < record->view.commit_count() && phase_ == phase::replaying; ++i) {
    const auto commit = record->view.commit_at(i);
    const auto category = category_index(commit.category);
    if (!category) continue;  // of a domain that this program does not run
    const auto start = position::of(record->stored.number, commit.first_event);
    const auto events_before = durable_events_;
    durable_events_ += commit.event_count;
    if (start < categories_[*category].floor) continue;
    auto& where = find_or_make(*category, commit.key, journal::entity_hash(commit.category, commit.key));
    if (where.phase == cell_phase::quarantined) continue;
    if (!knows_events(*record, *category, commit)) return;
    if (where.phase != cell_phase::ready) {
      where.backlog.emplace_back(record, i);
      mark_dirty(where, start, events_before);
      continue;
    }
    if (commit.last_sequence() <= where.durable.sequence) continue;
    mark_dirty(where, start, events_before);
    apply(where, record, i);
  }
}

bool partition::knows_events(const replay_record& record, std::uint16_t category,
                             const journal::commit_view& commit) {
  if (categories_[category].type->takes_unknown_events) return true;
  for (std::uint32_t i = 0; i < commit.event_count; ++i) {
    const auto type = commit.event(i).type;
    if (record.event_type(category, type) != unlisted_event) continue;
    fail(error_code::event_unknown,
         "record " + std::to_string(record.stored.number) + ": " + std::string(commit.category) +
             " has an event of the unknown type " + std::string(record.view.type(type).name) +
             ": add it to the entity's events or old_events, or let evolve take quipu::unknown_event "
             "(docs/guide-evolution.md)");
    return false;
  }
  return true;
}

// One commit onto an image that is ready for it, or knows it already, or shows that something is missing.
void partition::apply(cell& where, const std::shared_ptr<const replay_record>& record, std::uint32_t index) {
  const auto commit = record->view.commit_at(index);
  if (where.phase == cell_phase::quarantined || commit.last_sequence() <= where.durable.sequence) return;
  if (commit.first_sequence == where.durable.sequence + 1) return advance(where, *record, commit);
  const auto gap = "event " + std::to_string(where.durable.sequence + 1) + " is missing before event " +
                   std::to_string(commit.first_sequence);
  if (where.rebuilt || !categories_[where.category].has_rows)
    return quarantine_cell(where, position::of(record->stored.number, commit.first_event),
                           "in the journal, " + gap);
  where.backlog.emplace_back(record, index);
  request_rebuild(where, "its snapshot is lost: " + gap);
}

void partition::advance(cell& where, const replay_record& record, const journal::commit_view& commit) {
  const auto start = position::of(record.stored.number, commit.first_event);
  try {
    begin(where, *where.type, commit);
    for (std::uint32_t i = 0; i < commit.event_count; ++i) {
      const auto event = commit.event(i);
      evolve(where, *where.type, record.view, event, record.event_type(where.category, event.type));
      where.grown_bytes += static_cast<std::uint32_t>(event.payload.size());
    }
  } catch (const std::exception& e) {
    return quarantine_cell(where, start,
                           "event " + journal::event_id(commit.category, commit.key, commit.first_sequence) +
                               " cannot be applied: " + e.what());
  } catch (...) {
    return quarantine_cell(where, start,
                           "event " + journal::event_id(commit.category, commit.key, commit.first_sequence) +
                               " cannot be applied: evolve threw something that is no std::exception");
  }
  settle(where, *where.type, record.view, record.stored.number, commit);
  where.events_since_snapshot += commit.event_count;
  const auto every = config_.snapshots.every_events;
  if (every != 0 && where.events_since_snapshot >= every &&
      where.events_since_snapshot - commit.event_count < every)
    due_.push_back(&where);
}

void partition::on(input::loaded& in) {
  const auto category = category_index(in.category);
  auto* where =
      category ? cells_.find(*category, in.key, journal::entity_hash(in.category, in.key)) : nullptr;
  if (where == nullptr || where->phase != cell_phase::loading) return;
  --loads_open_;
  if (!in.image) return request_rebuild(*where, "its snapshot cannot be read: " + in.image.error().text);
  if (*in.image) {
    if (const auto trouble = restore(*where, **in.image)) return request_rebuild(*where, *trouble);
    ++figures_.loaded_snapshots;
  }
  where->phase = cell_phase::ready;
  const auto backlog = std::exchange(where->backlog, {});
  for (const auto& [record, index] : backlog) {
    if (where->phase != cell_phase::ready)
      where->backlog.emplace_back(record, index);
    else
      apply(*where, record, index);
  }
  if (where->phase == cell_phase::ready) serve_waiting(*where);
}

// Takes over a snapshot; what is wrong with it where it can't be trusted.
std::optional<std::string> partition::restore(cell& where, bytes_view image) {
  const auto stored = decode_snapshot(image);
  if (!stored) return stored.error().text;
  auto trouble = core::restore(where, {*where.type, where.key, config_.journal.incarnation}, *stored, tail_);
  if (trouble) return trouble;
  where.state_bytes = static_cast<std::uint32_t>(stored->state.size());
  where.grown_bytes = 0;
  return std::nullopt;
}

void partition::request_rebuild(cell& where, const std::string& why) {
  note(effect::note_kind::rebuilt,
       where.type->category + "/" + journal::escape_key(where.key) + " is rebuilt from the journal: " + why);
  where.phase = cell_phase::rebuilding;
  where.durable = {};
  where.durable_position = {};
  where.remembered = {};
  where.handled.reset();
  where.newest = {};
  where.newest_kept = false;
  out_->rebuilds.push_back({where.type->category, where.key});
}

void partition::on(input::history& in) {
  const auto category = category_index(in.category);
  auto* where =
      category ? cells_.find(*category, in.key, journal::entity_hash(in.category, in.key)) : nullptr;
  if (where == nullptr || where->phase != cell_phase::rebuilding) return;
  where->rebuilt = true;
  for (const auto& stored : in.records) {
    if (stored.number > tail_) break;  // another owner's: nothing of it may get into this one's snapshots
    const auto record = understand(stored);
    if (!record) return;
    for (std::uint32_t i = 0; i < record->view.commit_count() && where->phase == cell_phase::rebuilding;
         ++i) {
      const auto commit = record->view.commit_at(i);
      if (commit.key != where->key || commit.category != in.category) continue;
      if (!knows_events(*record, where->category, commit)) return;
      apply(*where, record, i);
    }
  }
  if (!in.complete || where->phase != cell_phase::rebuilding) return;
  where->phase = cell_phase::ready;
  // Its row is no good; a new one is due, but the floor need not go back for it: the old row will be found
  // out again.
  mark_dirty(*where, next_position(), durable_events_);
  for (const auto& [record, index] : std::exchange(where->backlog, {})) apply(*where, record, index);
  const auto quarantined_before = std::ranges::find_if(
      stored_quarantines_, [&](const quarantine& q) { return q.category == in.category && q.key == in.key; });
  if (quarantined_before != stored_quarantines_.end() && where->phase == cell_phase::ready)
    released_.emplace_back(in.category, in.key);
  if (where->phase == cell_phase::ready) serve_waiting(*where);
}

// A cell that waits for its history stays as it is: its place in the dirty list holds the floor back, its
// backlog is nowhere else, and a quarantine must not be forgotten.
void partition::on(input::replay_failed& in) {
  if (phase_ == phase::replaying) return fail(in.why.code, "replaying the journal: " + in.why.text);
  for (auto* list : {&cells_.dirty(), &cells_.idle()})
    for (auto* where : *list) {
      if (where->phase != cell_phase::rebuilding) continue;
      where->history_failed = true;
      rebuild_retry_at_ = now_ + rebuild_retry;
      waiting_in_cells_ -= where->waiting.size();
      for (auto& command : where->waiting)
        answer_error(std::move(command), error_code::entity_history,
                     "the entity's history cannot be read: " + in.why.text, std::chrono::milliseconds(1000));
      where->waiting.clear();
    }
}

void partition::retry_rebuilds() {
  rebuild_retry_at_ = 0;
  for (auto* list : {&cells_.dirty(), &cells_.idle()})
    for (auto* where : *list)
      if (std::exchange(where->history_failed, false) && where->phase == cell_phase::rebuilding)
        out_->rebuilds.push_back({where->type->category, where->key});
}

void partition::quarantine_cell(cell& where, position from, std::string why) {
  where.phase = cell_phase::quarantined;
  where.why = std::move(why);
  where.durable.state = port::no_state();
  where.newest = {};
  where.newest_kept = false;
  where.backlog.clear();
  cells_.to_idle(where);
  ++quarantined_;
  new_quarantines_.push_back({where.type->category, where.key, from, where.why});
  note(effect::note_kind::quarantined,
       where.type->category + "/" + journal::escape_key(where.key) + " is quarantined: " + where.why);
  auto waiting = std::exchange(where.waiting, {});
  waiting_in_cells_ -= waiting.size();
  for (auto& command : waiting)
    answer_error(std::move(command), error_code::entity_quarantined, "quarantined: " + where.why);
}

}  // namespace quipu::core
