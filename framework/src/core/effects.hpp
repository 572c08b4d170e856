/// What goes into a partition and what comes out: step(input, now) -> effects.
///
/// Inputs are facts that came about outside (a command arrived, an append was settled); effects are what the
/// outside is to do, in the order of the members of `effects`. The host owns threads, clocks and I/O; the
/// simulator owns a seed. The model is etcd-io/raft's step -> Ready.
#pragma once

#include "core/checkpoint.hpp"

#include <quipu/journal/journal.hpp>
#include <quipu/port/command.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace quipu::core {

/// Microseconds since the Unix epoch; the core has no other notion of time.
using time_us = std::int64_t;

/// When a step takes place, by two clocks. What is due and what is late is reckoned with one that people cannot set; what
/// is stored and shown is the time of the other, which may jump.
struct moment {
  time_us timer = 0;  ///< since any epoch, which deadlines share; above 0
  time_us wall = 0;   ///< since the Unix epoch
  // NOLINTNEXTLINE(google-explicit-constructor): where there is one clock, it is both
  moment(time_us both) : timer(both), wall(both) {}
  moment(time_us timer_now, time_us wall_now) : timer(timer_now), wall(wall_now) {}
};
using command_ptr = std::unique_ptr<port::command>;
using record_result = journal::result<std::optional<journal::stored_record>>;

namespace input {

/// The first input: what the checkpoint says. Nothing is done before it.
struct start {
  partition_checkpoint checkpoint;
};
struct tail_read {
  record_result tail;
};
struct append_settled {
  journal::append_result result;
};
struct successor_read {
  record_result successor;
};
/// The next records of this partition, in order, from where the replay effect said.
struct replayed {
  std::uint32_t pass =
      0;  ///< of the replay effect that these records answer; those of an earlier pass are ignored
  std::vector<journal::stored_record> records;
};
/// Reading the journal failed for good, while replaying or for a rebuild.
struct replay_failed {
  journal::failure why;
};
/// The answer to one load effect.
struct loaded {
  std::string category;
  std::string key;
  journal::result<std::optional<bytes>> image;
};
/// For a rebuild effect: records that hold commits of the entity, in order, in as many inputs as it takes.
struct history {
  std::string category;
  std::string key;
  std::vector<journal::stored_record> records;
  bool complete = false;  ///< these were the last
};
struct snapshots_stored {
  journal::result<void> result;
};
struct commands {
  std::vector<command_ptr> list;
};
/// Time has passed; due when effects::wake_at says so.
struct tick {};
/// How many events recovery may have to replay for this partition (the host shares out the node's recovery
/// target).
struct tail_budget {
  std::uint64_t events = 0;
};
/// Take no more commands, finish what was taken, snapshot what is dirty.
struct close {};
/// Give up on closing: everything that is open is answered as it stands.
struct abandon {};

}  // namespace input

using any_input = std::variant<input::start, input::tail_read, input::append_settled, input::successor_read,
                               input::replayed, input::replay_failed, input::loaded, input::history,
                               input::snapshots_stored, input::commands, input::tick, input::tail_budget,
                               input::close, input::abandon>;

namespace effect {

/// Something that people want to know; for partition_status::notes and for whoever listens.
enum class note_kind : std::uint8_t { quarantined, rebuilt, snapshot_failed };
struct note {
  note_kind kind = note_kind::rebuilt;
  std::string text;
};
struct append {
  record_number expected = 0;
  std::shared_ptr<const bytes> record;
};
struct successor {
  record_number tail = 0;
};
/// Feed this partition's records from `from` on, up to its present tail; again `input::replayed` only while
/// partition::wants_replay().
struct replay {
  std::uint32_t pass = 0;
  record_number from = 0;
};
struct load {
  std::string category;
  std::string key;
};
/// Scan the journal from its start to its end for commits of this entity.
struct rebuild {
  std::string category;
  std::string key;
};
struct discard {
  std::optional<std::string> category;  ///< nothing: the whole partition's checkpoint
};
/// Tell a caller. give() must be called before the next step.
struct answer {
  command_ptr owner;  ///< null where the partition is not done with the command, but its caller's patience is
  port::command* command = nullptr;
  std::unique_ptr<error> failed;
  std::unique_ptr<rejection> rejected;
  bytes_view reply;
  std::shared_ptr<const void> keep;  ///< what `reply` points into
  std::uint64_t sequence = 0;
  quipu::position position;
  bool repeat = false;

  void give();
};

}  // namespace effect

/// Carried out in this order; reused from step to step (clear() keeps the memory).
struct effects {
  std::vector<effect::discard> discards;
  bool read_tail = false;
  std::optional<effect::append> append;
  std::optional<effect::successor> successor;
  std::optional<effect::replay> replay;
  std::vector<effect::load> loads;
  std::vector<effect::rebuild> rebuilds;
  std::optional<snapshot_group> snapshots;
  std::vector<effect::answer> answers;
  std::vector<effect::note> notes;
  /// Commands and bytes whose room is free again: admission gets its credits back.
  std::uint32_t done_commands = 0;
  std::uint64_t done_bytes = 0;
  /// Send a tick no later than this; 0: nothing waits for time.
  time_us wake_at = 0;

  void clear();
};

}  // namespace quipu::core
