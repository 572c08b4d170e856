/// How a runtime is opened, and what may be said with one ask. Every default is meant to be kept.
#pragma once

#include <quipu/context.hpp>
#include <quipu/future.hpp>
#include <quipu/journal/command_source.hpp>
#include <quipu/journal/login.hpp>
#include <quipu/log.hpp>
#include <quipu/notice.hpp>
#include <quipu/result.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quipu {

/// How much may wait in front of one partition: commands that were admitted and are not done with. Past
/// either bound the newest command is refused with `overloaded`, or its caller waits for room.
struct admission_bounds {
  std::uint32_t commands_per_partition = 16'384;
  std::uint64_t bytes_per_partition = 64ULL * 1024 * 1024;
  /// Commands that stand in line for room without a thread (runtime::offer); past it `overloaded` at once.
  std::uint32_t waiting_per_partition = 1'024;
};

/// Sizes that a domain may need to raise. Larger ones cost memory when they are used, not before.
struct entity_bounds {
  std::uint32_t commands_per_entity = 4'096;      ///< waiting or in flight; past it `overloaded`
  std::uint32_t events_per_command = 4'096;       ///< past it the command is `refused`
  std::uint32_t reply_bytes = 64 * 1024;          ///< likewise
  std::uint32_t state_bytes = 4 * 1024 * 1024;    ///< of a saved state
  std::uint32_t resident_per_partition = 65'536;  ///< entities in memory; the others are loaded when needed
};

/// When snapshots are taken besides what `recovery_target` asks for.
struct snapshot_rules {
  std::uint32_t every_events = 0;      ///< of one entity; 0: off
  std::chrono::milliseconds every{0};  ///< after an entity's first unsaved event; 0: off
};

using clock = std::function<std::chrono::sys_time<std::chrono::microseconds>()>;

/// Every member that a file or the environment may set has a row in framework/src/config/key_table.cpp
/// (docs/configuration.md).
struct options {
  /// Holds all that the node keeps: `journal/` (for `lmdb:`) and `checkpoints/`. Made when missing; one
  /// process at a time.
  std::filesystem::path directory;
  /// `lmdb:` (in the directory), `lmdb:PATH`, `nats://HOST:PORT/NAME` or `memory:`.
  std::string journal = "lmdb:";
  /// For a server that asks who one is; what is empty is taken from the environment (QUIPU_NATS_…).
  journal::server_login login;
  /// Of a journal that this opening creates; an existing one keeps its own number.
  std::uint32_t partitions = 16;
  /// Likewise, and of nats:// only: how many servers of a cluster keep a copy.
  std::uint32_t replicas = 1;
  /// Open although another process answers as the journal's owner (nats://): it is fenced, reports `superseded` and does
  /// not claim again by itself. A second process on lmdb: is always refused.
  bool take_over = false;
  /// Threads that run domain code and callbacks; 0: one a core. Not used on an actor system of one's own.
  unsigned threads = 0;

  admission_bounds admission;
  entity_bounds entities;

  /// How long replaying all tails may take after a crash. Snapshots are taken so that the prediction stays
  /// below.
  std::chrono::milliseconds recovery_target{500};
  snapshot_rules snapshots;
  /// Replay entities in quarantine anew: their program has been mended.
  bool retry_quarantined = false;

  /// Of asks that name none. At the deadline the caller is told that the outcome is unknown.
  std::chrono::milliseconds deadline{30'000};
  /// How long open() waits for the journal before it gives up. Replay is not counted: it shows progress.
  std::chrono::milliseconds open_within{30'000};
  /// An append whose outcome stays unknown for longer is given up, so that its callers can be told "not
  /// done".
  std::chrono::milliseconds settle_within{30'000};
  /// What the destructor gives close().
  std::chrono::milliseconds close_within{10'000};

  /// Where callbacks and coroutines go on; empty: on the runtime's own threads, where they must not block.
  quipu::executor executor;
  /// The wall clock: the time of commits and command ids, `context::time()`, the log's times; empty: the system's. Any
  /// thread; must not block or throw. Commit times follow it and never go back within a partition. Deadlines and waits are not
  /// measured with it.
  quipu::clock clock;
  /// Who claims the partitions, for people; empty: host and pid.
  std::string owner;
  log_options log;
  /// Called with what the runtime tells about itself, one notice at a time: on a thread of the runtime (`opened` and
  /// `closed` on the one that opens and closes). Must not block, must not throw.
  std::function<void(const notice&)> on_notice;
};

/// What may be said with one ask.
struct ask_options {
  /// Chosen by the caller, so that asking again is safe; begins with a time (see runtime::new_command_id).
  /// Empty: a new one.
  std::optional<command_id> command;
  /// From now on; empty: options::deadline. Zero or less: none.
  std::optional<std::chrono::milliseconds> deadline;
  /// How long the command may wait for room. The caller is blocked so long, except on a thread of a runtime: there the
  /// command stands in line without it, as with runtime::offer.
  std::chrono::milliseconds wait_for_room{0};
  /// `conflict` unless the entity's last event has this number (0: it never had one). Of a new command only:
  /// a repeat gets its original answer.
  std::optional<std::uint64_t> expected_sequence;
  /// Stored with the commit, as are the next two; see quipu::header for the bounds. quipu/caused_by.hpp hands all three on.
  std::vector<header> headers;
  /// Whatever belongs to one request from outside has the same trace. Zero: none.
  id128 trace;
  /// The command that this one follows from. Zero: none.
  id128 causation;
  /// Of a reaction's command: its target takes it once, whatever the age of its id (docs/guarantees.md). A repeat whose
  /// original answer is forgotten is told `command.handled_before`. With it goes the id that id_of() gives.
  std::optional<command_source> source;
};

}  // namespace quipu
