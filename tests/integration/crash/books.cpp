#include "books.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "support/seed.hpp"

namespace quipu::test::crash {
namespace {

/// How many commands an account remembers at least (quipu::port::repeat_window's default).
constexpr std::uint64_t window = 128;
constexpr std::size_t most_findings = 20;

std::string name(const entry& what) {
  static constexpr std::array<std::string_view, 4> verbs = {"open", "deposit", "withdraw", "close"};
  return std::string(verbs[static_cast<std::size_t>(what.verb)]) + " " + std::to_string(what.amount) +
         " to account " + std::to_string(what.account) + ", command " + what.command().hex();
}

/// The bank's own rules, written down a second time: "" where the command is accepted.
std::string_view rejection_of(const entry& c, bool open, std::int64_t balance) {
  if (c.verb == verb::open) return open ? "exists" : "";
  if (!open) return "not_found";
  if (c.verb == verb::close) return balance == 0 ? "" : "not_empty";
  if (c.amount <= 0) return "amount_not_positive";
  if (c.verb == verb::withdraw) return c.amount > balance ? "insufficient_funds" : "";
  return c.amount > std::numeric_limits<std::int64_t>::max() - balance ? "balance_too_large" : "";
}

bool may_have_taken_effect(error_kind kind) {
  return kind == error_kind::unknown_outcome || kind == error_kind::expired;
}

}  // namespace

void books::find(std::string what) {
  if (wrong_.size() < most_findings) wrong_.push_back(std::move(what));
}

void books::take(const entry& what) {
  switch (what.note) {
    case note::sending:
      return take_sending(what);
    case note::answered:
      return take_answer(what);
    case note::read:
      return take_read(what);
    case note::opened:
      reads_ = 0;
      read_sum_ = 0;
      return;
    default:
      return;
  }
}

void books::take_sending(const entry& what) {
  ++figures_.sent;
  auto& about = commands_[what.command()];
  if (about.order == 0) {
    about.sent = what;
    about.order = ++order_;
  } else if (about.accepted && about.under_way == 0) {
    about.must_repeat = true;
  }
  ++about.under_way;
}

void books::take_answer(const entry& what) {
  auto& about = commands_[what.command()];
  if (about.under_way == 0)
    find("an answer to a command that waits for none: " + name(what));
  else
    --about.under_way;
  switch (what.said) {
    case said::accepted:
      return take_accepted(what, about);
    case said::rejected:
      ++figures_.rejected;
      if (about.must_repeat) find("accepted first and rejected when asked again: " + name(what));
      if (about.unsettled) ++figures_.had_not;
      about.unsettled = false;
      return ledgers_[what.account].rejections.push_back(what);
    case said::failed:
      return take_failure(what, about);
  }
}

void books::take_accepted(const entry& what, command& about) {
  const told now{what.value, what.sequence, what.position};
  if (about.unsettled) ++(what.repeat != 0 ? figures_.had_taken_effect : figures_.had_not);
  about.unsettled = false;
  if (what.repeat != 0) ++figures_.repeats;
  if (what.repeat == 0 && ++about.not_repeats > 1)
    find("took effect twice, as its answers say: " + name(what));
  if (what.repeat == 0 && about.must_repeat) find("a repeat that was not known as one: " + name(what));
  if (about.accepted) {
    if (*about.accepted != now)
      find("a repeat got another answer: value " + std::to_string(now.value) + " sequence " +
           std::to_string(now.sequence) + " position " + std::to_string(now.position) + ", first it was " +
           std::to_string(about.accepted->value) + ", " + std::to_string(about.accepted->sequence) + ", " +
           std::to_string(about.accepted->position) + ": " + name(what));
    return;
  }
  ++figures_.accepted;
  about.accepted = now;
  const auto [place, free] = ledgers_[what.account].by_sequence.emplace(now.sequence, what.command());
  if (!free)
    find("sequence " + std::to_string(now.sequence) + " was told to two commands: " + name(what) + " and " +
         place->second.hex());
}

void books::take_failure(const entry& what, command& about) {
  const auto kind = static_cast<error_kind>(what.code);
  if (kind == error_kind::expired) {
    ++figures_.forgotten;
    ledgers_[what.account].forgotten.push_back(what);
    return;
  }
  if (about.accepted && kind != error_kind::not_open && kind != error_kind::unknown_outcome)
    find("answered first, and " + std::string(name_of(kind)) + " when asked again: " + name(what));
  if (may_have_taken_effect(kind)) {
    if (!about.accepted) about.unsettled = true;
  } else if (kind != error_kind::not_open) {
    find("failed with " + std::string(name_of(kind)) + ": " + name(what));
  }
}

void books::died() {
  for (auto& [id, about] : commands_) {
    if (about.under_way > 0 && !about.accepted) about.unsettled = true;
    about.under_way = 0;
  }
}

std::vector<entry> books::questions(std::mt19937_64& random) const {
  std::vector<const command*> open;
  for (const auto& [id, about] : commands_)
    if (about.unsettled) open.push_back(&about);
  std::ranges::sort(open, {}, &command::order);
  std::vector<entry> questions;
  for (const auto* about : open) questions.push_back(about->sent);
  const auto ask_again = [&](std::uint32_t account, std::uint64_t sequence) {
    const auto maker = maker_of(account, sequence);
    if (maker) questions.push_back(commands_.at(*maker).sent);
  };
  for (std::uint32_t account = 0; account < accounts; ++account) {
    const auto last = last_sequence(account);
    if (last == 0) continue;
    ask_again(account, last);
    ask_again(account, between(random, last > window ? last - window + 1 : 1, last));
    if (between(random, 0, 4) == 0) ask_again(account, between(random, 1, last));
  }
  return questions;
}

std::optional<command_id> books::maker_of(std::uint32_t account, std::uint64_t sequence) const {
  const auto& known = ledgers_[account].by_sequence;
  const auto place = known.find(sequence);
  return place == known.end() ? std::nullopt : std::optional(place->second);
}

std::uint64_t books::last_sequence(std::uint32_t account) const {
  const auto& known = ledgers_[account].by_sequence;
  return known.empty() ? 0 : known.rbegin()->first;
}

// The worker has asked all open questions again: what is accepted now is all that there is.
void books::take_read(const entry& what) {
  auto& of = ledgers_[what.account];
  const auto who = "account " + std::to_string(what.account);
  check_history(what.account);
  const auto& now = of.states.back();
  if (what.sequence != of.states.size() - 1)
    find(who + " is at sequence " + std::to_string(what.sequence) + "; its clients know of " +
         std::to_string(of.states.size() - 1));
  if ((what.said == said::accepted) != now.open || what.value != now.balance)
    find(who + " holds " + std::to_string(what.value) + "; its clients reckon " +
         std::to_string(now.balance));
  if (now.open && what.position != of.last_position)
    find(who + " says position " + std::to_string(what.position) + "; its last answer said " +
         std::to_string(of.last_position));
  read_sum_ += what.value;
  if (++reads_ == accounts) check_money();
}

void books::check_history(std::uint32_t account) {
  auto& of = ledgers_[account];
  for (auto next = of.by_sequence.lower_bound(of.states.size()); next != of.by_sequence.end(); ++next) {
    const auto& about = commands_.at(next->second);
    const auto& c = about.sent;
    if (next->first != of.states.size())
      return find("account " + std::to_string(account) + " has a gap at sequence " +
                  std::to_string(of.states.size()));
    auto state = of.states.back();
    if (const auto code = rejection_of(c, state.open, state.balance); !code.empty())
      find("accepted at sequence " + std::to_string(next->first) + " though " + std::string(code) + ": " +
           name(c));
    if (c.verb == verb::open) state = {.open = true, .balance = 0};
    if (c.verb == verb::close) state = {};
    if (c.verb == verb::deposit) state.balance += c.amount;
    if (c.verb == verb::withdraw) state.balance -= c.amount;
    if (about.accepted->value != state.balance)
      find("told a balance of " + std::to_string(about.accepted->value) + " and it was " +
           std::to_string(state.balance) + ": " + name(c));
    if (about.accepted->position <= of.last_position) find("positions go back: " + name(c));
    of.last_position = about.accepted->position;
    of.states.push_back(state);
  }
  check_rejections(of, account);
  check_forgotten(of);
}

// Not when the answer comes: it overtakes those of newer commands that took effect before the kill.
void books::check_forgotten(ledger& of) {
  for (const auto& answer : of.forgotten) {
    const auto& about = commands_.at(answer.command());
    if (!about.accepted || about.accepted->sequence + window >= of.states.size())
      find("forgotten too early: " + name(answer));
  }
  of.forgotten.clear();
}

void books::check_rejections(ledger& of, std::uint32_t account) {
  for (const auto& no : of.rejections) {
    if (no.sequence >= of.states.size()) {
      find("rejected on sequence " + std::to_string(no.sequence) + ", which account " +
           std::to_string(account) + " does not have: " + name(no));
      continue;
    }
    const auto& state = of.states[no.sequence];
    const auto expected = rejection_of(no, state.open, state.balance);
    if (text_of(no.code) != expected)
      find("rejected with " + std::string(text_of(no.code)) + " where \"" + std::string(expected) +
           "\" was right: " + name(no));
  }
  of.rejections.clear();
}

// Money comes in with deposits and goes out with withdrawals, and no other way.
void books::check_money() {
  std::int64_t sum = 0;
  for (const auto& [id, about] : commands_) {
    if (!about.accepted) continue;
    if (about.sent.verb == verb::deposit) sum += about.sent.amount;
    if (about.sent.verb == verb::withdraw) sum -= about.sent.amount;
  }
  if (sum != read_sum_)
    find("the accounts hold " + std::to_string(read_sum_) + " together; " + std::to_string(sum) +
         " was acknowledged");
}

}  // namespace quipu::test::crash
