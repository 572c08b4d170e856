#include "host/gateway.hpp"

#include "host/command_ids.hpp"

#include <algorithm>
#include <string>

namespace quipu::host {
namespace {

void tell(core::command_ptr command, const error& why) { command->complete({.failed = &why}); }

inbox::clock::time_point waits_until(const ask_options& how) {
  // A thread of the runtime must not wait: the room that it waits for may be its own to make.
  if (how.wait_for_room.count() <= 0 || on_runtime_thread()) return {};
  auto patience = how.wait_for_room;
  if (how.deadline && how.deadline->count() > 0) patience = std::min(patience, *how.deadline);
  return inbox::clock::now() + patience;
}

}  // namespace

gateway::gateway(std::uint32_t partitions, std::vector<const port::entity_type*> known, rules how)
    : known_(std::move(known)), rules_(std::move(how)) {
  for (std::uint32_t i = 0; i < partitions; ++i) inboxes_.push_back(std::make_unique<inbox>(rules_.bounds));
}

std::optional<error> gateway::prepare(port::command& command, const ask_options& how) const {
  command.fresh = !how.command;
  command.id = how.command ? *how.command : make_command_id(rules_.clock.now_us());
  const auto deadline = how.deadline.value_or(rules_.deadline);
  if (deadline.count() > 0) command.deadline_us = timer_us() + std::chrono::microseconds(deadline).count();
  command.expected_sequence = how.expected_sequence;
  command.trace = how.trace;
  command.causation = how.causation;

  const auto invalid = [&](std::string text) {
    return error{error_kind::invalid, std::move(text), command.id, {}};
  };
  if (!journal::valid_key(command.key))
    return invalid("a key has 1 to 255 bytes, this one has " + std::to_string(command.key.size()));
  if (std::ranges::find(known_, command.entity) == known_.end())
    return invalid("the runtime's domain has no entities of the category " + command.entity->category);
  if (how.command && !*how.command) return invalid("a command id of zero: use runtime::new_command_id()");
  if (command.bytes > rules_.command_bytes_most)
    return error{error_kind::refused,
                 "the command takes " + std::to_string(command.bytes) +
                     " bytes; the limit, that of a journal record, is " +
                     std::to_string(rules_.command_bytes_most),
                 command.id,
                 {}};
  return std::nullopt;
}

error gateway::refusal(inbox::verdict why, const port::command& command, const inbox& by) const {
  switch (why) {
    case inbox::verdict::closed:
      return {error_kind::not_open, "the runtime is closing or closed", command.id, {}};
    case inbox::verdict::too_large:
      return {error_kind::refused,
              "the command takes " + std::to_string(command.bytes) +
                  " bytes, more than admission.bytes_per_partition",
              command.id,
              {}};
    default:
      break;
  }
  return {error_kind::overloaded,
          "the partition has as many commands waiting as it admits (admission: " +
              std::to_string(by.most().commands) + " commands, " + std::to_string(by.most().bytes) +
              " bytes); come back later",
          command.id, by.retry_after()};
}

gateway::~gateway() {
  std::vector<core::command_ptr> left;
  for (const auto& one : inboxes_) {
    one->close();
    one->take(left);
    for (auto& command : left) {
      const error why{error_kind::not_open, "the runtime was closed before this was done", command->id, {}};
      tell(std::move(command), why);
    }
    left.clear();
  }
}

result<command_id> gateway::admit(core::command_ptr& command, const ask_options& how) {
  if (auto wrong = prepare(*command, how)) return std::unexpected(std::move(*wrong));
  auto& into = inbox_of(*command);
  const auto id = command->id;
  const auto verdict = into.admit(command, waits_until(how));
  if (verdict == inbox::verdict::admitted) return id;
  return std::unexpected(refusal(verdict, *command, into));
}

void gateway::dispatch(core::command_ptr command, const ask_options& how) {
  if (!command) return;
  if (const auto admitted = admit(command, how); !admitted) tell(std::move(command), admitted.error());
}

void gateway::dispatch_all(std::vector<core::command_ptr> commands, const ask_options& how) {
  std::vector<std::vector<core::command_ptr>> by_partition(inboxes_.size());
  const auto until = waits_until(how);
  for (auto& command : commands) {
    if (!command) continue;
    if (const auto wrong = prepare(*command, how)) {
      tell(std::move(command), *wrong);
      continue;
    }
    by_partition[place_of(*command)].push_back(std::move(command));
  }
  for (std::size_t p = 0; p < by_partition.size(); ++p) {
    auto& list = by_partition[p];
    if (list.empty()) continue;
    auto& into = *inboxes_[p];
    inbox::verdict verdict{};
    const auto admitted = into.admit_all(list, verdict);
    // What found no room waits for it one by one, if its caller said so; the first that gives up ends it for
    // the rest.
    auto patience = until;
    for (std::size_t i = admitted; i < list.size(); ++i) {
      const auto outcome = into.admit(list[i], patience);
      if (outcome == inbox::verdict::admitted) continue;
      patience = {};
      const auto why = refusal(outcome, *list[i], into);
      tell(std::move(list[i]), why);
    }
  }
}

void gateway::close() {
  for (auto& one : inboxes_) one->close();
}

}  // namespace quipu::host
