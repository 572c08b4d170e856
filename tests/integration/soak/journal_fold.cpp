#include "journal_fold.hpp"

#include <quipu/journal/record.hpp>

#include <charconv>
#include <string_view>
#include <utility>

#include "bank_quipu.hpp"

namespace quipu::test::soak {
namespace {

/// Spreads every bit of its input (splitmix64).
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

bool apply(std::string_view type, bytes_view payload, account_state& state) {
  if (type == "bank.Opened")
    state = {.open = true, .balance = 0};
  else if (type == "bank.Deposited")
    state.balance += flatbuffers::GetRoot<bank::Deposited>(payload.data())->amount();
  else if (type == "bank.Withdrawn")
    state.balance -= flatbuffers::GetRoot<bank::Withdrawn>(payload.data())->amount();
  else
    return false;
  return true;
}

}  // namespace

void digest::add(const effect& what) {
  ++count_;
  auto one = mixed(what.command.high);
  for (const auto part : {what.command.low, std::uint64_t{what.account}, what.sequence, what.position,
                          static_cast<std::uint64_t>(what.balance)})
    one = mixed(one ^ part);
  sum_ += one;
}

journal_fold::journal_fold(std::uint32_t accounts, sink tell, finding wrong)
    : tell_(std::move(tell)), wrong_(std::move(wrong)), ledgers_(accounts) {}

void journal_fold::take(const journal::stored_record& stored) {
  const auto name = [&] { return "record " + std::to_string(stored.number); };
  const auto record = journal::record_view::decode(stored.data);
  if (!record) return wrong_(name() + ": " + record.error().text);
  if (stored.number <= last_) wrong_(name() + " comes after record " + std::to_string(last_));
  last_ = stored.number;
  const auto stamp = record->stamp();
  auto& mine = lanes_[stored.partition];
  if (stamp.previous != mine.sum) wrong_(name() + " does not follow on its partition's last");
  mine.sum = record->sum();
  if (stamp.epoch < mine.epoch) wrong_(name() + " is of an epoch that was over");
  if (stamp.epoch > mine.epoch && !record->is_claim()) wrong_(name() + " begins an epoch and is no claim");
  mine.epoch = stamp.epoch;
  for (std::uint32_t i = 0; i < record->commit_count(); ++i) {
    const auto commit = record->commit_at(i);
    auto number = static_cast<std::uint32_t>(ledgers_.size());
    std::from_chars(commit.key.data() + 4, commit.key.data() + commit.key.size(), number);
    if (number >= ledgers_.size()) return wrong_(name() + " has an account that nobody opened");
    auto& of = ledgers_[number];
    if (commit.event_count != 1 || commit.first_sequence != of.sequence + 1)
      wrong_(name() + ": account " + std::to_string(number) + " is at sequence " +
             std::to_string(of.sequence) + ", and " + std::to_string(commit.first_sequence) + " comes next");
    of.sequence = commit.first_sequence;
    const auto event = commit.event(0);
    const auto type = record->type(event.type).name;
    if (!apply(type, event.payload, of.state))
      wrong_(name() + " has an event of an unknown type: " + std::string(type));
    tell_({.command = commit.command,
           .account = number,
           .sequence = of.sequence,
           .position = position::of(stored.number, commit.first_event).value,
           .balance = of.state.balance},
          of.state);
  }
}

}  // namespace quipu::test::soak
