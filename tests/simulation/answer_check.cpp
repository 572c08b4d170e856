// What an answer must be, given the journal as it stands when the answer is given.
#include "book.hpp"

#include <cstring>

namespace quipu::simulation {

answer_check::answer_check(book& kept, const ledger& log, findings& found, attempt& of,
                           const port::completion& how)
    : book_(kept),
      findings_(found),
      attempt_(of),
      how_(how),
      wish_(kept.wishes_[of.wish]),
      life_(log.find(wish_.entity)) {}

void answer_check::wrong(const char* invariant, const std::string& text) {
  findings_.report(invariant, book_.describe(attempt_) + ": " + text);
}

void answer_check::run() {
  if (how_.failed != nullptr) return error();
  const auto* commit = life_ == nullptr ? nullptr : life_->find(wish_.id);
  if (commit == nullptr || wish_.what.what == verb::look) return without_events();
  // Invariant 5: it is in the journal. Where it was there before this attempt came, only the original answer
  // will do; a "no" may otherwise have been decided before the commit that a later attempt caused.
  const bool before = commit->last_sequence <= attempt_.durable_before;
  const bool looks_original = how_.rejected == nullptr && how_.sequence == commit->last_sequence;
  if (before || looks_original) return original(*commit);
  without_events();
}

// Invariants 1 and 5: the answer of a commit, first or repeated.
void answer_check::original(const ledger_commit& commit) {
  if (how_.rejected != nullptr) return wrong("5: repeats", "rejected, though it had taken effect");
  if (commit.body_hash != wish_.what.hash())
    return wrong("5: conflicts", "another body under the same id was accepted");
  if (how_.sequence != commit.last_sequence || how_.position != commit.at)
    return wrong("1: answers equal the journal", "sequence " + std::to_string(how_.sequence) +
                                                     ", the commit's is " +
                                                     std::to_string(commit.last_sequence));
  if (how_.repeat != (commit.attempt != attempt_.serial))
    return wrong("5: repeats",
                 how_.repeat ? "called a repeat, and is the original" : "a repeat that is not called one");
  std::uint64_t digest = 0;
  const bool has_reply = wish_.what.what != verb::end;
  if (how_.reply.size() != (has_reply ? sizeof digest : 0))
    return wrong("5: repeats", "a reply of the wrong size");
  if (has_reply) std::memcpy(&digest, how_.reply.data(), sizeof digest);
  if (has_reply && digest != commit.digest)
    return wrong("1: answers equal the journal", "the reply is not the commit's");
  attempt_.is_repeat = how_.repeat;
  attempt_.saw = how_.sequence;
  if (!how_.repeat) {
    if (commit.last_sequence <= attempt_.durable_before)
      return wrong("1: answers are durable", "took effect before it was asked");
    in_order(how_.sequence);
  }
}

// Invariants 1, 2 and 6: an answer that rests on no new event shows a state that is durable, and no older
// than anything that was durable when it was asked.
void answer_check::without_events() {
  const auto sequence = how_.sequence;
  const auto durable = life_ == nullptr ? 0 : life_->sequence();
  if (sequence > durable)
    return wrong("1: answers are durable", "rests on event " + std::to_string(sequence) +
                                               ", the journal has " + std::to_string(durable));
  if (sequence < attempt_.durable_before)
    return wrong("1: no answer from old state", "rests on event " + std::to_string(sequence) + ", event " +
                                                    std::to_string(attempt_.durable_before) +
                                                    " was durable before it was asked");
  if (life_ != nullptr && !life_->boundary[sequence])
    return wrong("2: one at a time", "saw half a commit, event " + std::to_string(sequence));
  if (how_.position != (life_ == nullptr ? position{} : life_->positions[sequence]))
    return wrong("1: answers equal the journal",
                 "the position is not that of event " + std::to_string(sequence));
  if (how_.repeat) return wrong("5: repeats", "called a repeat, and the journal has no such commit");
  if (attempt_.expected && *attempt_.expected != sequence)
    return wrong("5: conflicts",
                 "answered at sequence " + std::to_string(sequence) + ", another one was expected");

  static const life nobody;
  const auto& of = life_ == nullptr ? nobody : *life_;
  const auto* state =
      of.seen_at(sequence, attempt_.decided_us, book_.allowed.time_to_live(attempt_.seat, wish_.entity));
  const auto again = decide_model(state, wish_.what);
  if ((how_.rejected != nullptr) != !again.rejection.empty() || !again.events.empty())
    return wrong("1: answers equal the journal",
                 "decided otherwise than event " + std::to_string(sequence) + " has it");
  if (how_.rejected != nullptr) {
    if (how_.rejected->code != again.rejection || how_.rejected->text != std::to_string(digest_of(state)))
      return wrong("1: answers equal the journal",
                   "the rejection rests on another state: " + how_.rejected->code);
  } else {
    std::uint64_t digest = 0;
    if (how_.reply.size() != sizeof digest)
      return wrong("1: answers equal the journal", "a reply of the wrong size");
    std::memcpy(&digest, how_.reply.data(), sizeof digest);
    if (digest != digest_of(state))
      return wrong("1: answers equal the journal", "the reply rests on another state");
  }
  attempt_.saw = sequence;
  in_order(sequence);
}

// Invariant 2: a later arrival at the same owner never sees less than an earlier one.
void answer_check::in_order(std::uint64_t saw) {
  if (attempt_.joins) return;
  auto& seen = book_.seen_by(attempt_.seat, wish_.entity);
  const auto here = seen.emplace(attempt_.arrival, saw).first;
  if (here != seen.begin() && std::prev(here)->second > saw)
    return wrong("2: in the order of arrival", "saw less than a command that came before it");
  if (std::next(here) != seen.end() && std::next(here)->second < saw)
    return wrong("2: in the order of arrival", "saw more than a command that came after it");
}

// Invariants 5 and 7: what an error says about the command must be so.
void answer_check::error() {
  const auto kind = how_.failed->kind;
  const auto name = std::string(name_of(kind)) + " (" + how_.failed->text + ")";
  if (kind != error_kind::unknown_outcome && attempt_.landed)
    return wrong("5: errors that say not done", "told " + name + ", and it stands in the journal");
  const bool late = attempt_.deadline_us != 0 && attempt_.deadline_us <= book_.allowed.clock(attempt_.seat);
  bool other_body = false;
  for (const auto& other : book_.wishes_)
    other_body |= other.id == wish_.id && other.what.hash() != wish_.what.hash();
  switch (kind) {
    case error_kind::unknown_outcome:
      if (!late && book_.allowed.serving(attempt_.seat))
        return wrong("7: unknown outcomes are settled",
                     "told " + name + " by an owner that serves, before any deadline");
      return;
    case error_kind::expired: {
      const bool marked = how_.failed->code == error_code::command_handled_before;
      if (marked && (!attempt_.source || life_ == nullptr || !life_->handled(*attempt_.source)))
        return wrong("17: reactions", "told " + name + ", but the journal says nothing of it");
      if (late && !marked) return;
      if (attempt_.source && !marked)
        return wrong("17: reactions", "told " + name + ": a reaction's command is never too old");
      if (!marked && (life_ == nullptr || wish_.id > life_->newest_forgotten))
        return wrong("5: repeats (expired)", "told " + name + ", but nothing as new was forgotten");
      // An owner that was overtaken and does not know it speaks of its own old window: true as far as it
      // goes.
      if (!book_.owns(attempt_.seat)) return;
      for (const auto& [id, time] : life_->remembered) {
        const auto& commit = *life_->find(id);
        if (id == wish_.id && commit.last_sequence <= attempt_.durable_before &&
            (!marked || commit.body_hash == wish_.what.hash()))
          return wrong("5: repeats", "told " + name + ", but it is within the window");
      }
      return;
    }
    case error_kind::conflict:
      if (!other_body && !attempt_.expected)
        return wrong("5: conflicts", "told " + name + " without a reason");
      return;
    case error_kind::faulted:
      if (wish_.what.what != verb::fault_decide && wish_.what.what != verb::fault_evolve)
        return wrong("11: faults stay small", "told " + name + ", but its own code does not throw");
      return;
    case error_kind::corrupt:
      if (!book_.allowed.choking || life_ == nullptr || !life_->chokes)
        return wrong("11: faults stay small", "told " + name + ", but nothing of this entity chokes");
      return;
    case error_kind::refused:
      if (!book_.allowed.journal_refuses && wish_.what.count < 4)
        return wrong("4: bounds", "told " + name + ", but it is small and the journal refuses nothing");
      return;
    case error_kind::invalid:
      return wrong("4: bounds", "told " + name + " for a valid call");
    case error_kind::overloaded:
    case error_kind::unavailable:
    case error_kind::superseded:
    case error_kind::not_open:
      return;
  }
}

}  // namespace quipu::simulation
