// The one append, claim or check that is on its way, and how it is settled.
//
//   kind    outcome                         what follows
//   claim   landed                          opening: trust; in a batch's place: undo that batch
//   claim   another's claim in its place    superseded; another's batch: read the tail and claim again
//   trust   the newest record in snapshots  replay from the floors; anything else: the checkpoint is discarded
//   batch   landed                          apply, answer, launch the next
//   batch   another's record in its place   superseded
//   batch   refused, and no successor       undo: answer its commits, decide what came behind anew; where an
//                                           earlier sending may still arrive, a claim takes its place first
//   check   no successor                    answer; any successor: superseded
//   any     unknown, fenced                 ask for the successor of the expected tail; none: send again
#include "core/partition_parts.hpp"

#include <algorithm>

namespace quipu::core {
namespace {

constexpr time_us first_retry = 10'000;
constexpr time_us longest_retry = 500'000;

}  // namespace

void partition::read_tail() {
  phase_ = phase::reading_tail;
  out_->read_tail = true;
}

void partition::on(input::tail_read& in) {
  if (phase_ != phase::reading_tail) return;
  if (!in.tail) {
    if (in.tail.error().kind == journal::failure_kind::unavailable)
      return retry_later(retry_action::read_tail);
    return fail(in.tail.error().code, "reading the partition's tail: " + in.tail.error().text);
  }
  flight_->attempts = 0;
  if (const auto& stored = *in.tail) {
    const auto view = journal::record_view::decode(stored->data);
    if (!view)
      return fail(view.error().code, "record " + std::to_string(stored->number) + ": " + view.error().text);
    const auto stamp = view->stamp();
    if (!is_ours(stamp))
      return fail(error_code::partition_foreign_record,
                  "record " + std::to_string(stored->number) + " belongs to another journal or partition");
    tail_ = stored->number;
    tail_sum_ = view->sum();
    epoch_ = stamp.epoch;
    last_time_ = std::max(last_time_, stamp.time_us);
  }
  claim(tail_);
}

bool partition::is_ours(const journal::batch_stamp& stamp) const {
  return stamp.lineage == config_.journal.lineage && stamp.incarnation == config_.journal.incarnation &&
         stamp.partition == config_.id;
}

journal::batch_stamp partition::next_stamp(std::uint64_t epoch) {
  last_time_ = std::max(last_time_, wall_);
  const auto counter =
      (std::uint64_t{config_.id} << 44U) | ++record_counter_;  // ids are unique in the whole journal
  return {.lineage = config_.journal.lineage,
          .incarnation = config_.journal.incarnation,
          .partition = config_.id,
          .epoch = epoch,
          .id = {config_.opening, counter},
          .previous = tail_sum_,
          .time_us = last_time_};
}

void partition::claim(record_number expected) {
  phase_ = phase::claiming;
  const auto stamp = next_stamp(epoch_ + 1);
  *flight_ = {};
  flight_->kind = flight_kind::claim;
  flight_->expected = expected;
  flight_->record = journal::encode_claim(stamp, config_.owner);
  flight_->id = stamp.id;
  flight_->epoch = stamp.epoch;
  flight_->first_sent = now_;
  send();
}

// No linger: whatever has gathered goes out as soon as nothing is on its way.
void partition::launch() {
  if (flight_->kind != flight_kind::none || open_->entries.empty()) return;
  *flight_ = {};
  flight_->expected = tail_;
  flight_->first_sent = now_;
  flight_->entries = std::move(open_->entries);
  open_->entries.clear();
  open_->full = false;
  if (open_->builder.empty()) {
    flight_->kind = flight_kind::check;
    return ask_successor();
  }
  const auto stamp = next_stamp(epoch_);
  flight_->kind = flight_kind::batch;
  flight_->id = stamp.id;
  flight_->epoch = stamp.epoch;
  flight_->record = open_->builder.seal(stamp);
  send();
}

void partition::send() {
  flight_->retry_at = 0;
  out_->append = {flight_->expected, flight_->record};
}

void partition::ask_successor() {
  flight_->retry_at = 0;
  out_->successor = {flight_->expected};
}

void partition::retry_later(retry_action what) {
  const auto shift = std::min<std::uint32_t>(flight_->attempts++, 10);
  flight_->retry_at = now_ + std::min(longest_retry, first_retry << shift);
  flight_->retries = what;
}

void partition::retry() {
  const auto what = flight_->retries;
  flight_->retry_at = 0;
  switch (what) {
    case retry_action::read_tail:
      return read_tail();
    case retry_action::send:
      return send();
    case retry_action::ask_successor:
      return ask_successor();
  }
}

void partition::on(input::append_settled& in) {
  if (flight_->kind != flight_kind::claim && flight_->kind != flight_kind::batch) return;
  switch (in.result.status) {
    case journal::append_status::appended:
      return landed(in.result.number, flight_->record);
    case journal::append_status::unknown:
      flight_->uncertain = true;
      return ask_successor();
    case journal::append_status::fenced:
      return ask_successor();
    case journal::append_status::unavailable:
      return retry_later(retry_action::send);
    case journal::append_status::refused:
      break;
  }
  if (flight_->kind == flight_kind::batch) {
    flight_->refusal.emplace(in.result.code, "the journal refused it: " + in.result.reason);
    return ask_successor();
  }
  if (flight_->given_up)
    return retry_later(retry_action::send);  // only a claim can tell what became of the batch
  fail(in.result.code, "the journal refused the claim: " + in.result.reason);
}

void partition::on(input::successor_read& in) {
  if (flight_->kind == flight_kind::none) return;
  if (!in.successor) {
    if (in.successor.error().kind == journal::failure_kind::unavailable)
      return retry_later(retry_action::ask_successor);
    return fail(in.successor.error().code, "reading the successor of record " +
                                               std::to_string(flight_->expected) + ": " +
                                               in.successor.error().text);
  }
  const auto& found = *in.successor;
  if (flight_->kind == flight_kind::trust) return compare_newest(found);
  if (flight_->kind == flight_kind::check && !found) {
    auto entries = std::move(flight_->entries);
    *flight_ = {};
    for (auto& settled : entries) settle_answer(settled);
    return release_cells(entries);
  }
  if (!found) {
    const bool patience_ends =
        now_ - flight_->first_sent > std::chrono::microseconds(config_.limits.settle_within).count();
    if (flight_->refusal && !flight_->uncertain)
      return undo_flight(flight_->refusal->code, std::string(flight_->refusal->text));
    if (flight_->kind == flight_kind::batch && (patience_ends || flight_->refusal)) give_up_batch();
    return flight_->attempts++ == 0 ? send() : retry_later(retry_action::send);
  }
  const auto view = journal::record_view::decode(found->data);
  if (!view)
    return fail(view.error().code, "record " + std::to_string(found->number) + ": " + view.error().text);
  const auto stamp = view->stamp();
  if (flight_->record && stamp.id == flight_->id) return landed(found->number, flight_->record);
  if (flight_->given_up && stamp.id == flight_->given_up_id) return landed(found->number, flight_->given_up);
  lost(*view);
}

// Nobody knows what became of the batch, and asking did not help: a claim in its place settles it, one way or
// the other.
void partition::give_up_batch() {
  flight_->given_up = std::move(flight_->record);
  flight_->given_up_id = flight_->id;
  const auto stamp = next_stamp(epoch_ + 1);
  flight_->kind = flight_kind::claim;
  flight_->record = journal::encode_claim(stamp, config_.owner);
  flight_->id = stamp.id;
  flight_->epoch = stamp.epoch;
}

void partition::landed(record_number number, const std::shared_ptr<const bytes>& record) {
  if (flight_->kind == flight_kind::batch || record == flight_->given_up) {
    flight_->record = record;
    return settle_batch(number);
  }
  const auto view = journal::record_view::decode(*record);
  if (!view) return fail(view.error().code, "our own claim cannot be read: " + view.error().text);
  tail_ = number;
  tail_sum_ = view->sum();
  epoch_ = flight_->epoch;
  if (flight_->given_up && flight_->refusal)
    return undo_flight(flight_->refusal->code, std::string(flight_->refusal->text));
  if (flight_->given_up)
    return undo_flight(error_code::partition_journal_late,
                       "the journal did not answer in time; it was not done");
  *flight_ = {};
  begin_replay();
}

void partition::lost(const journal::record_view& other) {
  if (phase_ == phase::claiming && !other.is_claim()) {
    *flight_ = {};  // the previous owner's last batch came first
    return read_tail();
  }
  const auto name = other.is_claim() ? std::string(other.owner()) : std::string("another process");
  supersede("the partition was claimed by " + name + " in epoch " + std::to_string(other.stamp().epoch));
}

void partition::settle_batch(record_number number) {
  auto record = understand({number, config_.id, *flight_->record, flight_->record});
  if (!record) return;  // failed, and said so
  tail_ = number;
  tail_sum_ = record->view.sum();
  epoch_ = record->view.stamp().epoch;
  ++figures_.batches;
  auto entries = std::move(flight_->entries);
  *flight_ = {};
  std::uint32_t index = 0;
  for (auto& settled : entries) {
    if (settled.commits)
      settle_commit(settled, *record, index++);
    else
      settle_answer(settled);
  }
  release_cells(entries);
}

void partition::settle_commit(entry& settled, const replay_record& record, std::uint32_t index) {
  const auto commit = record.view.commit_at(index);
  auto& where = *settled.where;
  ++where.settled;
  ++figures_.commits;
  if (where.phase != cell_phase::quarantined) {
    const auto start = position::of(record.stored.number, commit.first_event);
    const auto events_before = durable_events_;
    advance(where, record, commit);
    if (where.phase != cell_phase::quarantined) mark_dirty(where, start, events_before);
  }
  if (where.phase == cell_phase::quarantined) {  // answers behind it in this batch say where the entity stood
    where.durable.sequence = commit.last_sequence();
    where.durable_position = position::of(record.stored.number, commit.first_event + commit.event_count - 1);
  }
  durable_events_ += commit.event_count;
  const auto tell = [&](command_ptr who, bool repeat) {
    auto& made = answer(std::move(who));
    made.reply = commit.reply;
    made.keep = record.stored.keep;
    made.sequence = commit.last_sequence();
    made.position = position::of(record.stored.number, commit.first_event + commit.event_count - 1);
    made.repeat = repeat;
  };
  tell(std::move(settled.who), false);
  if (settled.waiters)
    for (auto& waiter : *settled.waiters) tell(std::move(waiter), true);
}

// An answer that rests on no new event: what it saw is durable now, and the partition was still ours.
void partition::settle_answer(entry& settled) {
  auto& where = *settled.where;
  --where.answers;
  auto& made = answer(std::move(settled.who));
  made.rejected = std::move(settled.rejected);
  made.sequence = where.durable.sequence;
  made.position = where.durable_position;
  if (settled.repeat) {
    made.repeat = true;
    made.sequence = settled.repeat->sequence;
    made.position = settled.repeat->position;
  }
  if (!settled.reply.empty()) {
    auto kept = std::make_shared<const bytes>(std::move(settled.reply));
    made.reply = *kept;
    made.keep = std::move(kept);
  }
}

// Takes what was settled off the cells' pending commits, once a cell and not once a commit.
void partition::release_cells(std::deque<entry>& entries) {
  for (auto& settled : entries) {
    auto& where = *settled.where;
    if (where.settled == 0) continue;
    where.pending.erase(where.pending.begin(), where.pending.begin() + where.settled);
    where.settled = 0;
    if (where.has_pending() || where.phase == cell_phase::quarantined) continue;
    where.newest_kept = where.phase == cell_phase::ready;
    if (where.phase == cell_phase::catching_up) become_ready(where);
  }
}

void partition::undo_flight(error_code code, const std::string& why) {
  auto entries = std::move(flight_->entries);
  auto behind = std::move(open_->entries);
  *flight_ = {};
  open_->entries.clear();
  open_->builder.clear();
  open_->full = false;

  std::vector<command_ptr> anew;
  const auto forget_speculation = [](cell& where) {
    where.pending.clear();
    where.settled = 0;
    where.newest = {};
    where.newest_kept = false;
  };
  const auto again = [&](entry& undone) {
    if (!undone.commits) --undone.where->answers;
    anew.push_back(std::move(undone.who));
    if (undone.waiters)
      for (auto& waiter : *undone.waiters) anew.push_back(std::move(waiter));
  };
  for (auto& undone : entries) {
    forget_speculation(*undone.where);
    if (!undone.commits) {
      again(undone);
      continue;
    }
    answer_error(std::move(undone.who), code, why);
    if (undone.waiters)
      for (auto& waiter : *undone.waiters) answer_error(std::move(waiter), code, why);
  }
  for (auto& undone : behind) {
    forget_speculation(*undone.where);
    again(undone);
  }
  // What waited for a cell to catch up came after what was decided on it.
  const auto wake = [&](entry& undone) {
    auto& where = *undone.where;
    if (where.phase != cell_phase::catching_up) return;
    where.phase = cell_phase::ready;
    waiting_in_cells_ -= where.waiting.size();
    std::ranges::move(where.waiting, std::back_inserter(anew));
    where.waiting.clear();
  };
  std::ranges::for_each(entries, wake);
  std::ranges::for_each(behind, wake);
  held_.insert(held_.begin(), std::make_move_iterator(anew.begin()), std::make_move_iterator(anew.end()));
}

void partition::supersede(std::string why) {
  answer_everything(error_code::partition_superseded, error_code::partition_superseded, why);
  phase_ = phase::superseded;
  why_ = std::move(why);
}

void partition::fail(error_code code, std::string why) {
  if (phase_ == phase::failed) return;
  answer_everything(error_code::command_in_flight, error_code::partition_failed, why);
  phase_ = phase::failed;
  code_ = code;
  why_ = std::move(why);
}

// The end of this owner: `in_flight` for what may be in the journal, `undone` for what was never sent.
void partition::answer_everything(error_code in_flight, error_code undone, const std::string& why) {
  const auto end = [&](std::deque<entry>& entries, error_code commits) {
    for (auto& open : entries) {
      const auto code = open.commits ? commits : undone;
      if (open.who) answer_error(std::move(open.who), code, why);
      if (open.waiters)
        for (auto& waiter : *open.waiters) answer_error(std::move(waiter), code, why);
    }
    entries.clear();
  };
  end(flight_->entries, in_flight);
  end(open_->entries, undone);
  open_->builder.clear();
  *flight_ = {};
  const auto end_all = [&](std::deque<command_ptr>& commands) {
    for (auto& command : commands) answer_error(std::move(command), undone, why);
    commands.clear();
  };
  for (auto* list : {&cells_.dirty(), &cells_.idle()})
    for (auto* where : *list) end_all(where->waiting);
  waiting_in_cells_ = 0;
  loads_open_ = 0;
  end_all(held_);
  writing_.clear();
  due_.clear();
  store_retry_at_ = 0;
  rebuild_retry_at_ = 0;
}

}  // namespace quipu::core
