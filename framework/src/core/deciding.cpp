// From a command to an entry of the open batch.
#include "core/partition_parts.hpp"

#include <algorithm>
#include <exception>

namespace quipu::core {
namespace {

/// Room in a record for what is not a commit: envelope, stamp, tables of strings and types.
constexpr std::size_t record_overhead = 4096;

/// Whether a command that is pending is this one: by its id, or by what it follows from.
bool is_same(const pending_commit& pending, const port::command& command) {
  if (pending.command == command.id) return true;
  if (!command.source) return false;
  const auto& other = pending.answer->who->source;
  return other && other->reaction == command.source->reaction && other->at == command.source->at &&
         other->index == command.source->index;
}

std::string name_of(const cell& where) { return where.type->category + "/" + journal::escape_key(where.key); }

}  // namespace

void partition::take(command_ptr command) {
  ++taken_;
  const auto deadline = command->deadline_us;
  if (deadline != 0 && (next_deadline_ == 0 || deadline < next_deadline_)) next_deadline_ = deadline;
  const auto known = std::ranges::find(categories_, command->entity, &category_state::type);
  if (known == categories_.end())
    return answer_error(std::move(command), error_code::command_unknown_entity,
                        "the entity type is not part of the runtime's domain");
  switch (phase_) {
    case phase::superseded:
      return answer_error(std::move(command), error_code::partition_superseded, why_);
    case phase::failed:
      return answer_error(std::move(command), error_code::partition_failed, why_);
    case phase::closing:
    case phase::closed:
      return answer_error(std::move(command), error_code::runtime_closed,
                          "the runtime is closed or closing; it was not done");
    case phase::serving:
      if (held_.empty() && can_route(*command)) return route(std::move(command));
      break;
    default:
      // Opening: it waits. Its caller may meanwhile have asked the previous owner again, with the same id.
      command->fresh = false;
      break;
  }
  held_.push_back(std::move(command));
}

// Strictly in order: once a command has to be held, those behind it are held too.
void partition::serve_held() {
  while (!held_.empty() && can_route(*held_.front())) {
    auto command = std::move(held_.front());
    held_.pop_front();
    route(std::move(command));
  }
}

bool partition::batch_full() const {
  return open_->full || open_->builder.events() >= config_.limits.batch_events ||
         (!open_->builder.empty() && open_->builder.size_bound() >= config_.limits.batch_bytes);
}

bool partition::can_route(const port::command& command) {
  if (batch_full()) return false;
  if (active_cells() < config_.limits.resident_entities) return true;
  const auto category = category_index(command.entity->category);
  return cells_.find(*category, command.key, command.entity_hash) != nullptr;
}

void partition::route(command_ptr command) {
  const auto category = category_index(command->entity->category);
  auto& where = find_or_make(*category, command->key, command->entity_hash);
  if (where.phase == cell_phase::cold) load(where);
  if (where.waiting.size() + where.pending.size() >= config_.limits.commands_per_entity) {
    ++figures_.refused;
    return answer_error(std::move(command), error_code::entity_full,
                        name_of(where) + " has " + std::to_string(config_.limits.commands_per_entity) +
                            " commands waiting, its limit (commands_per_entity); come back later",
                        std::chrono::milliseconds(10));
  }
  switch (where.phase) {
    case cell_phase::ready:
      return decide(where, std::move(command));
    case cell_phase::quarantined:
      return answer_error(std::move(command), error_code::entity_quarantined,
                          name_of(where) + " is quarantined: " + where.why);
    default:
      ++waiting_in_cells_;
      where.waiting.push_back(std::move(command));
  }
}

void partition::decide(cell& where, command_ptr command) {
  if (command->deadline_us != 0 && command->deadline_us <= now_)
    return answer_error(std::move(command), error_code::command_too_late,
                        "the deadline passed before it was decided; it was not done");
  if (!command->reads && !command->fresh && answer_repeat(where, command)) return;
  const auto sequence = where.newest_sequence();
  if (const auto expected = command->expected_sequence; expected && *expected != sequence)
    return answer_error(std::move(command), error_code::command_wrong_sequence,
                        name_of(where) + " is at sequence " + std::to_string(sequence) +
                            ", not at the expected " + std::to_string(*expected));
  last_time_ = std::max(last_time_, wall_);
  const context::time_point time{std::chrono::microseconds(last_time_)};
  const context about(time, command->id, where.key, sequence, command->headers, command->trace,
                      command->causation);
  const bool expired = where.has_expired(last_time_);
  const void* state = expired ? nullptr : where.newest_state();
  decided_.clear();
  try {
    command->decide(state, about, decided_);
  } catch (...) {
    return answer_error(std::move(command), error_code::entity_decide_threw,
                        name_of(where) + ": decide threw: " + what_was_thrown());
  }
  if (decided_.rejected)
    return answer_without_events(where, state, std::move(command),
                                 std::make_unique<rejection>(std::move(*decided_.rejected)));
  if (decided_.events.empty()) return answer_without_events(where, state, std::move(command), nullptr);
  if (!record_decision(where, expired, command, decided_)) {
    open_->full = true;  // it is decided anew, against what is newest then, when this batch has left
    held_.push_front(std::move(command));
  }
}

// True when the command was dealt with: it had come before, or may have.
bool partition::answer_repeat(cell& where, command_ptr& command) {
  const auto say = [&](error_code code, std::string text) {
    answer_error(std::move(command), code, std::move(text));
    return true;
  };
  constexpr auto other_body =
      "the command id was used before, with another body; make a new id for a new command";
  // An id that was made before the clock was set back is none of the future. A reaction's has the time of an event of any
  // partition, and is never forgotten by its age.
  const auto latest = std::max(last_time_, wall_);
  if (!command->source && static_cast<std::int64_t>(command->id.high >> 16U) > latest / 1000 + most_ahead_ms)
    return say(error_code::command_id, "the command id's time lies more than ten minutes ahead");
  for (auto& pending : where.pending) {
    if (!is_same(pending, *command)) continue;
    if (pending.body_hash != command->body_hash) return say(error_code::command_other_body, other_body);
    auto& waiters = pending.answer->waiters;
    if (!waiters) waiters = std::make_unique<std::vector<command_ptr>>();
    if (waiters->size() >= config_.limits.waiters_per_repeat) {
      ++figures_.refused;
      return say(error_code::command_repeats, "too many repeats of this command wait for its answer");
    }
    ++figures_.repeats;
    waiters->push_back(std::move(command));
    return true;
  }
  const bool handled = where.knows(command->source);
  if (const auto known = where.remembered.find(command->id)) {
    const auto* promised = command->reply_type();
    const bool same_body = known->body_hash == command->body_hash;
    const bool same_reply =
        known->reply_type == (promised == nullptr ? no_reply_type : reply_type_of(promised->name));
    if (same_body && same_reply) {
      ++figures_.repeats;
      ++where.answers;
      auto& made = open_->entries.emplace_back();
      made.who = std::move(command);
      made.where = &where;
      made.repeat = std::make_unique<remembered>(*known);
      made.reply.assign(known->reply.begin(), known->reply.end());
      return true;
    }
    // A reaction of a newer program may say it otherwise; it is done all the same, as its mark says below.
    if (!handled && !same_body) return say(error_code::command_other_body, other_body);
    if (!handled)
      return say(error_code::command_other_reply,
                 "the command took effect, as event " + std::to_string(known->sequence) + " of " +
                     name_of(where) +
                     "; it was answered with another type than this program's, which can't be read");
  }
  // A mark comes from a durable commit and is never taken back: nothing has to be asked before this is said.
  if (handled) {
    ++figures_.repeats;
    return say(error_code::command_handled_before, "the reaction's command was handled by " + name_of(where) +
                                                       " before; its answer is not remembered any more");
  }
  if (command->source) {
    if (!where.handled || where.handled->has_room(*command->source)) return false;
    return say(error_code::command_unsettled,
               name_of(where) + " keeps the marks of " + std::to_string(where.handled->marks()) +
                   " commands of reactions and takes no more of this one (" +
                   std::to_string(handled_sources::most_marks) + " unsettled commands of a reaction, " +
                   std::to_string(handled_sources::most_lanes) + " reactions)");
  }
  if (where.remembered.may_be_forgotten(command->id))
    return say(error_code::command_forgotten,
               "the command id is older than what " + name_of(where) +
                   " remembers: its outcome is unknown, and it is not executed");
  return false;
}

void partition::answer_without_events(cell& where, const void* state, command_ptr command,
                                      std::unique_ptr<rejection> no) {
  bytes reply;
  if (!no) {
    try {
      command->reply(state, reply);
    } catch (...) {
      return answer_error(std::move(command), error_code::entity_reply_threw,
                          name_of(where) + ": the reply threw: " + what_was_thrown());
    }
  }
  ++where.answers;
  auto& made = open_->entries.emplace_back();
  made.who = std::move(command);
  made.where = &where;
  made.rejected = std::move(no);
  made.reply = std::move(reply);
}

// False when the open batch has no room for it: nothing has changed then.
bool partition::record_decision(cell& where, bool expired, command_ptr& command,
                                const port::decided& decided) {
  const auto& limits = config_.limits;
  event_scratch_.clear();
  for (const auto& event : decided.events) {
    const auto& type = where.type->events[event.type];
    event_scratch_.push_back({{type.name, type.schema}, decided.payload(event)});
  }
  header_scratch_.clear();
  for (const auto& header : command->headers)
    header_scratch_.push_back({header.name, as_bytes(header.value)});
  journal::commit commit{.category = where.type->category,
                         .key = where.key,
                         .first_sequence = where.newest_sequence() + 1,
                         .time_us = last_time_,
                         .command = command->id,
                         .body_hash = command->body_hash,
                         .ended = decided.ended,
                         .after_expiry = expired,
                         .has_reply = false,
                         .reply = {},
                         .headers = header_scratch_,
                         .trace = command->trace,
                         .causation = command->causation,
                         .source = command->source,
                         .events = event_scratch_};
  const auto cost = journal::batch_builder::cost_bound(commit) + limits.reply_bytes;
  const auto most = config_.journal.max_record_bytes - record_overhead;
  if (event_scratch_.size() > limits.commit_events || cost > most) {
    answer_error(std::move(command), error_code::entity_commit_too_large,
                 name_of(where) + ": " + std::to_string(event_scratch_.size()) + " events of " +
                     std::to_string(cost - limits.reply_bytes) + " bytes in one commit; the limits are " +
                     std::to_string(limits.commit_events) + " events and " +
                     std::to_string(most - limits.reply_bytes) + " bytes: split the command");
    return true;
  }
  if (!open_->builder.empty() &&
      (open_->builder.size_bound() + cost > most || open_->builder.events() + event_scratch_.size() > 65535))
    return false;
  if (!apply_newest(where, expired, command, decided)) return true;

  if (const auto* type = command->reply_type()) {
    commit.has_reply = true;
    commit.reply = {{type->name, type->schema}, reply_scratch_};
  }
  open_->builder.add(commit);
  auto& made = open_->entries.emplace_back();
  made.where = &where;
  made.commits = true;
  where.pending.push_back({command->id, command->body_hash, &made});
  where.newest.sequence += event_scratch_.size();
  where.newest.time = last_time_;
  made.who = std::move(command);
  return true;
}

// Moves the newest image past the decision and computes the reply. On any fault the command is answered, the
// image dropped and rebuilt from what is durable once the entity's pending commits are.
bool partition::apply_newest(cell& where, bool expired, command_ptr& command, const port::decided& decided) {
  const auto undo = [&](error_code code, std::string text) {
    drop_speculation(where);
    answer_error(std::move(command), code, name_of(where) + std::move(text));
    return false;
  };
  const auto& limits = config_.limits;
  try {
    if (!where.has_pending()) {
      if (!where.newest_kept && !expired)
        where.newest.state =
            where.durable.state ? where.type->clone(where.durable.state.get()) : port::no_state();
      where.newest.sequence = where.durable.sequence;
      where.newest_kept = false;
    }
    auto& state = where.newest.state;
    if (expired || !state) state = where.type->make();
    command->evolve(state.get(), decided);
    for (const auto& event : decided.events) where.grown_bytes += event.size;
    if (!decided.ended && where.state_bytes + std::uint64_t{4} * where.grown_bytes > limits.state_bytes) {
      reply_scratch_.clear();
      where.type->save(state.get(), reply_scratch_);
      const auto before = where.state_bytes;
      where.state_bytes = static_cast<std::uint32_t>(reply_scratch_.size());
      where.grown_bytes = 0;
      if (where.state_bytes > limits.state_bytes && where.state_bytes > before)
        return undo(error_code::entity_state_too_large,
                    ": its state would take " + std::to_string(reply_scratch_.size()) +
                        " bytes; the limit (state_bytes) is " + std::to_string(limits.state_bytes));
    }
    if (decided.ended) state = port::no_state();
    reply_scratch_.clear();
    command->reply(state.get(), reply_scratch_);
  } catch (...) {
    return undo(error_code::entity_evolve_threw, ": evolve or the reply threw: " + what_was_thrown());
  }
  if (reply_scratch_.size() > limits.reply_bytes)
    return undo(error_code::entity_reply_too_large,
                ": the reply takes " + std::to_string(reply_scratch_.size()) +
                    " bytes; the limit (reply_bytes) is " + std::to_string(limits.reply_bytes));
  return true;
}

void partition::drop_speculation(cell& where) {
  where.newest.state = port::no_state();
  where.newest_kept = false;
  if (where.has_pending()) where.phase = cell_phase::catching_up;
}

void partition::become_ready(cell& where) {
  where.phase = cell_phase::ready;
  serve_waiting(where);
}

// To the front of the queue, in order: what is held came later.
void partition::serve_waiting(cell& where) {
  waiting_in_cells_ -= where.waiting.size();
  held_.insert(held_.begin(), std::make_move_iterator(where.waiting.begin()),
               std::make_move_iterator(where.waiting.end()));
  where.waiting.clear();
}

}  // namespace quipu::core
