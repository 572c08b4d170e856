#include "host/gateway.hpp"

#include "host/command_ids.hpp"

#include <algorithm>
#include <string>

namespace quipu::host {
namespace {

void tell(core::command_ptr command, const error& why) { command->complete({.failed = &why}); }

constexpr std::size_t most_headers = 32;
constexpr std::size_t most_header_bytes = 8 * 1024;
constexpr std::size_t most_name_bytes = 64;

bool valid_header_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return !name.empty() && name.size() <= most_name_bytes && std::ranges::all_of(name, fits);
}

/// What is wrong with them; empty: nothing.
std::string fault_in(const std::vector<header>& headers) {
  if (headers.size() > most_headers)
    return "the command has " + std::to_string(headers.size()) + " headers; the limit is " +
           std::to_string(most_headers);
  std::size_t bytes = 0;
  for (auto one = headers.begin(); one != headers.end(); ++one) {
    const auto shown = [&] {
      return "\"" + journal::escape_key(one->name.substr(0, most_name_bytes)) + "\"";
    };
    if (!valid_header_name(one->name))
      return "a header cannot be called " + shown() + ": 1 to " + std::to_string(most_name_bytes) +
             " of a-z A-Z 0-9 _ . and -";
    if (std::ranges::find(headers.begin(), one, one->name, &header::name) != one)
      return "the header " + shown() + " is given twice";
    bytes += one->name.size() + one->value.size();
  }
  if (bytes > most_header_bytes)
    return "the command's headers take " + std::to_string(bytes) + " bytes; the limit is " +
           std::to_string(most_header_bytes);
  return {};
}

inbox::clock::time_point waits_until(const ask_options& how) {
  // A thread of the runtime must not wait: the room that it waits for may be its own to make.
  if (how.wait_for_room.count() <= 0 || on_runtime_thread()) return {};
  auto patience = how.wait_for_room;
  if (how.deadline && how.deadline->count() > 0) patience = std::min(patience, *how.deadline);
  return inbox::clock::now() + patience;
}

// The caller would wait, and may not on this thread: the command waits without him.
bool in_line_here(const ask_options& how) { return how.wait_for_room.count() > 0 && on_runtime_thread(); }

}  // namespace

gateway::gateway(std::uint32_t partitions, std::vector<const port::entity_type*> known, rules how)
    : known_(std::move(known)), rules_(std::move(how)) {
  for (std::uint32_t i = 0; i < partitions; ++i) inboxes_.push_back(std::make_unique<inbox>(rules_.bounds));
}

std::optional<error> gateway::prepare(port::command& command, const ask_options& how) const {
  command.fresh = !how.command && !how.source;
  command.id = how.command ? *how.command : make_command_id(rules_.clock.now_us());
  const auto deadline = how.deadline.value_or(rules_.deadline);
  if (deadline.count() > 0) command.deadline_us = timer_us() + std::chrono::microseconds(deadline).count();
  command.expected_sequence = how.expected_sequence;
  command.trace = how.trace;
  command.causation = how.causation;
  command.source = how.source;

  const auto wrong = [&](error_code code, std::string text) {
    return error(code, std::move(text), command.id);
  };
  if (!journal::valid_key(command.key))
    return wrong(error_code::command_key,
                 "a key has 1 to 255 bytes, this one has " + std::to_string(command.key.size()));
  if (std::ranges::find(known_, command.entity) == known_.end())
    return wrong(error_code::command_unknown_entity,
                 "the runtime's domain has no entities of the category " + command.entity->category);
  if (how.command && !*how.command)
    return wrong(error_code::command_id, "a command id of zero: use runtime::new_command_id()");
  if (how.source && !is_possible(*how.source))
    return wrong(error_code::command_source, how.source->reaction == 0
                                                 ? "the command's source names no reaction"
                                                 : "the command's source says that its own event is settled");
  if (!command.headers.empty())
    if (auto fault = fault_in(command.headers); !fault.empty())
      return wrong(error_code::command_headers, std::move(fault));
  if (command.bytes > rules_.command_bytes_most)
    return wrong(error_code::command_too_large, "the command takes " + std::to_string(command.bytes) +
                                                    " bytes; the limit, that of a journal record, is " +
                                                    std::to_string(rules_.command_bytes_most));
  return std::nullopt;
}

error gateway::refusal(inbox::verdict why, const port::command& command, const inbox& by) const {
  switch (why) {
    case inbox::verdict::closed:
      return {error_code::runtime_closed, "the runtime is closing or closed", command.id};
    case inbox::verdict::too_large:
      return {error_code::command_too_large,
              "the command takes " + std::to_string(command.bytes) +
                  " bytes, more than admission.bytes_per_partition",
              command.id};
    default:
      break;
  }
  return {error_code::partition_full,
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
      const error why(error_code::runtime_closed, "the runtime was closed before this was done", command->id);
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
  if (in_line_here(how)) return dispatch_in_line(std::move(command), how, [](const result<void>&) {});
  if (const auto admitted = admit(command, how); !admitted) tell(std::move(command), admitted.error());
}

inbox::clock::time_point gateway::in_line_until(const ask_options& how) const {
  auto patience = how.wait_for_room;
  const auto deadline = how.deadline.value_or(rules_.deadline);
  if (patience.count() <= 0) patience = std::chrono::hours(24 * 365);
  if (deadline.count() > 0) patience = std::min(patience, deadline);
  return inbox::clock::now() + patience;
}

void gateway::stand_in_line(core::command_ptr command, inbox::clock::time_point until,
                            on_admission admitted) {
  auto& into = inbox_of(*command);
  into.admit_in_line(
      std::move(command), until,
      [this, &into, then = std::move(admitted)](inbox::verdict what, core::command_ptr left) mutable {
        if (what == inbox::verdict::admitted) return then({});
        const auto why = refusal(what, *left, into);
        tell(std::move(left), why);
        then(std::unexpected(why));
      });
}

void gateway::dispatch_in_line(core::command_ptr command, const ask_options& how, on_admission admitted) {
  if (const auto wrong = prepare(*command, how)) {
    tell(std::move(command), *wrong);
    return admitted(std::unexpected(*wrong));
  }
  stand_in_line(std::move(command), in_line_until(how), std::move(admitted));
}

void gateway::expire() {
  const auto now = inbox::clock::now();
  for (const auto& one : inboxes_) one->expire(now);
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
      if (in_line_here(how)) {
        stand_in_line(std::move(list[i]), in_line_until(how), [](const result<void>&) {});
        continue;
      }
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
