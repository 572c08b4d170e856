#include "books.hpp"

#include <algorithm>
#include <utility>

namespace quipu::test::soak {
namespace {

constexpr std::size_t most_findings = 20;

std::string in_words(const effect& what) {
  return "sequence " + std::to_string(what.sequence) + ", record " +
         std::to_string(position{what.position}.record()) + ", balance " + std::to_string(what.balance);
}

/// The bank's own rules, written down a second time: "" where the command is accepted.
std::string expected_rejection(const bank_command& what, const account_state& state) {
  if (what.verb == bank_verb::open) return state.open ? "exists" : "";
  if (!state.open) return "not_found";
  if (what.verb == bank_verb::withdraw && what.amount > state.balance) return "insufficient_funds";
  return "";
}

}  // namespace

void books::note(std::string what) {
  if (wrong_.size() < most_findings) wrong_.push_back(std::move(what));
}

void books::note(const std::string& what, const bank_command& about) { note(what + ": " + describe(about)); }

void books::find(std::string what) {
  const std::scoped_lock lock(guard_);
  note(std::move(what));
}

void books::sending(const bank_command& what) {
  const std::scoped_lock lock(guard_);
  auto& about = open_[what.id];
  about.what = what;
  ++about.under_way;
  figures_.most_open = std::max(figures_.most_open, open_.size());
}

void books::sending_again(const bank_command& what, const bank_answer& told) {
  const std::scoped_lock lock(guard_);
  const auto [place, done_with] = open_.try_emplace(what.id);
  auto& about = place->second;
  about.what = what;
  ++about.under_way;
  if (!done_with) return;
  about.was_accepted = about.was_seen = true;
  about.not_repeats = 1;
  about.told = about.seen = {what.id, what.account, told.sequence, told.position, told.balance};
}

bool books::answered(const bank_command& what, const bank_answer& said) {
  const std::scoped_lock lock(guard_);
  const auto place = open_.find(what.id);
  if (place == open_.end() || place->second.under_way == 0) {
    note("an answer to a command that waits for none", what);
    return false;
  }
  auto& about = place->second;
  --about.under_way;
  if (said.said == bank_answer::outcome::accepted) {
    take_accepted(about, said);
  } else if (said.said == bank_answer::outcome::rejected) {
    if (about.was_accepted) note("accepted first, and rejected when it was asked again", what);
    if (!about.was_rejected) ++figures_.rejected;
    about.was_rejected = true;
    about.unknown = false;
    auto& of = ledgers_[what.account];
    const rejection no{what, said.sequence, said.text};
    if (no.sequence <= of.sequence)
      check(no);
    else
      of.waiting.push_back(no);
  } else {
    ++(said.unknown() ? figures_.unknown : figures_.not_done);
    // A "no" to one sending says nothing of another one that nobody could tell about.
    if (said.unknown() && !about.was_accepted && !about.was_rejected) about.unknown = true;
  }
  const bool ask_again = about.unknown && about.under_way == 0;
  clear(place);
  return ask_again;
}

void books::take_accepted(entry& about, const bank_answer& said) {
  const effect now{about.what.id, about.what.account, said.sequence, said.position, said.balance};
  about.unknown = false;
  if (said.repeat) ++figures_.repeats;
  if (!said.repeat && ++about.not_repeats > 1) note("took effect twice, as its answers say", about.what);
  if (about.was_rejected) note("rejected first, and accepted when it was asked again", about.what);
  if (about.was_accepted) {
    if (about.told != now)
      note("told " + in_words(now) + ", and at first " + in_words(about.told), about.what);
    return;
  }
  about.was_accepted = true;
  about.told = now;
  ++figures_.accepted;
  told_.add(now);
  if (about.was_seen) compare(about);
}

void books::compare(const entry& about) {
  if (about.told != about.seen)
    note("told " + in_words(about.told) + "; the journal says " + in_words(about.seen), about.what);
}

void books::committed(const effect& what, const account_state& after) {
  const std::scoped_lock lock(guard_);
  auto& of = ledgers_[what.account];
  of.sequence = what.sequence;
  of.states[what.sequence % remembered] = after;
  std::erase_if(of.waiting, [&](const rejection& no) {
    if (no.sequence > of.sequence) return false;
    check(no);
    return true;
  });
  const auto place = open_.find(what.command);
  if (place == open_.end())
    return note("record " + std::to_string(position{what.position}.record()) + " has command " +
                what.command.hex() + ", which was refused, never sent, or took effect before");
  auto& about = place->second;
  if (about.was_seen) return note("took effect a second time, " + in_words(what), about.what);
  about.was_seen = true;
  about.seen = what;
  if (about.was_accepted) compare(about);
  clear(place);
}

void books::check(const rejection& no) {
  const auto& of = ledgers_[no.what.account];
  if (no.sequence + remembered <= of.sequence)
    return note("a rejection came too late to be checked", no.what);
  const auto right = expected_rejection(no.what, of.states[no.sequence % remembered]);
  if (no.code != right) note("rejected with " + no.code + " where \"" + right + "\" was right", no.what);
}

void books::clear(table::iterator place) {
  const auto& about = place->second;
  if (about.under_way > 0 || about.unknown || about.was_accepted != about.was_seen) {
    // Nobody was told "accepted", everybody was told "no", and there it is.
    if (about.under_way == 0 && !about.unknown && about.was_seen)
      note("took effect, though its clients were told that it did not", about.what);
    return;
  }
  open_.erase(place);
}

bool books::settled() const {
  const std::scoped_lock lock(guard_);
  return open_.empty();
}

void books::close() {
  const std::scoped_lock lock(guard_);
  for (const auto& [id, about] : open_) {
    if (about.under_way > 0) note("it was never answered", about.what);
    if (about.was_accepted && !about.was_seen)
      note("it was accepted with " + in_words(about.told) + ", and the journal does not have it", about.what);
    if (about.unknown) note("nobody could say what became of it", about.what);
  }
  for (const auto& of : ledgers_)
    for (const auto& no : of.waiting)
      note("rejected on sequence " + std::to_string(no.sequence) + ", which it never had", no.what);
}

std::vector<std::string> books::wrong() const {
  const std::scoped_lock lock(guard_);
  return wrong_;
}

figures books::figures() const {
  const std::scoped_lock lock(guard_);
  return figures_;
}

digest books::told() const {
  const std::scoped_lock lock(guard_);
  return told_;
}

}  // namespace quipu::test::soak
