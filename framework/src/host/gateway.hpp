/// Where commands enter a node: checked, numbered, admitted or refused, all on the caller's thread.
#pragma once

#include "host/clocks.hpp"
#include "host/inbox.hpp"

#include <quipu/journal/record.hpp>
#include <quipu/options.hpp>
#include <quipu/port/command.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace quipu::host {

/// Any thread.
class gateway {
 public:
  struct rules {
    inbox::bounds bounds;
    std::chrono::milliseconds deadline{0};  ///< of asks that name none
    std::uint32_t command_bytes_most = 0;
    wall_clock clock;  ///< of new command ids
  };

  gateway(std::uint32_t partitions, std::vector<const port::entity_type*> known, rules how);
  /// Tells what still waits that it was not done. Nobody takes from the inboxes any more.
  ~gateway();
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;

  inbox& of(std::uint32_t partition) { return *inboxes_[partition]; }

  /// Takes the command and says under which id, or says why not and leaves it.
  result<command_id> admit(core::command_ptr& command, const ask_options& how);
  /// Takes the command, or tells its caller why not.
  void dispatch(core::command_ptr command, const ask_options& how);
  /// The same for many, with one visit to each partition. Null ones are skipped.
  void dispatch_all(std::vector<core::command_ptr> commands, const ask_options& how);

  /// The same without ever blocking: where there is no room the command waits in line. `admitted` is called once, in time
  /// with the admission or the refusal (of which the caller is told too).
  using on_admission = std::move_only_function<void(result<void>)>;
  void dispatch_in_line(core::command_ptr command, const ask_options& how, on_admission admitted);
  /// Now and then: whose patience has ended is told.
  void expire();

  /// Refuses everything from now on with `not_open`.
  void close();

 private:
  std::optional<error> prepare(port::command& command, const ask_options& how) const;
  void stand_in_line(core::command_ptr command, inbox::clock::time_point until, on_admission admitted);
  inbox::clock::time_point in_line_until(const ask_options& how) const;
  std::size_t place_of(const port::command& command) const {
    return journal::partition_of(command.entity_hash, static_cast<std::uint32_t>(inboxes_.size()));
  }
  inbox& inbox_of(const port::command& command) { return *inboxes_[place_of(command)]; }
  error refusal(inbox::verdict why, const port::command& command, const inbox& by) const;

  std::vector<const port::entity_type*> known_;
  rules rules_;
  std::vector<std::unique_ptr<inbox>> inboxes_;
};

}  // namespace quipu::host
