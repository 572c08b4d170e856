/// What a seed decides before anything happens: how large things are and which faults there may be at all.
/// Leaving most faults out of most schedules reaches deeper than having all of them everywhere (swarm
/// testing).
#pragma once

#include "core/partition.hpp"
#include "random_source.hpp"

#include <string>

namespace quipu::simulation {

struct plan {
  std::uint32_t steps = 0;
  std::uint32_t partitions = 1;
  std::uint32_t entities = 1;
  std::uint32_t nodes = 1;        ///< checkpoint stores; an owner has one for itself
  std::uint32_t most_owners = 1;  ///< alive at a time
  std::uint32_t wishes = 0;
  std::uint32_t credits = 0;  ///< commands that admission lets into a partition
  core::limits limits;
  core::snapshot_policy snapshots;
  std::uint64_t tail_budget = 0;
  port::repeat_window window;
  std::chrono::microseconds time_to_live{0};  ///< of cords; 0: for ever
  std::uint32_t journal_record_bytes = 0;

  // One in so many of the requests, steps or effects; 0: never.
  std::uint32_t lost_acks = 0;
  std::uint32_t lost_requests = 0;
  std::uint32_t late_duplicates = 0;
  std::uint32_t delayed_requests = 0;
  std::uint32_t slow_wire = 0;  ///< a delayed request that could arrive now does
  std::uint32_t refusals = 0;
  std::uint32_t unavailable = 0;
  std::uint32_t crashes = 0;         ///< of an owner, between any two effects
  std::uint32_t power_cuts = 0;      ///< crash in which its store loses what was not flushed
  std::uint32_t journal_losses = 0;  ///< everything stops, and the journal loses its unflushed end
  std::uint32_t takeovers = 0;       ///< another owner opens beside the living one
  std::uint32_t pauses = 0;          ///< an owner does nothing for a while, and comes back
  std::uint32_t clock_jumps = 0;
  std::uint32_t closings = 0;
  std::uint32_t failed_writes = 0;  ///< of snapshots
  std::uint32_t failed_loads = 0;
  std::uint32_t failed_replays = 0;
  std::uint32_t hurt_rows = 0;         ///< at the start of an owner
  std::uint32_t choking_versions = 0;  ///< at the start of an owner
  std::uint32_t new_versions = 0;      ///< likewise: another fingerprint
  std::uint32_t old_rows = 0;          ///< likewise: its rows do not have the time of the last commit
  std::uint32_t other_lives = 0;       ///< likewise: cords live longer, or for ever
  std::uint32_t deadlines = 0;
  std::uint32_t old_ids = 0;
  std::uint32_t reactions = 0;  ///< commands that are a reaction's, with ids of any age, also of the future

  bool refuses_anything() const { return refusals != 0; }
  bool clock_stands() const { return stands; }
  bool stands = false;  ///< time passes only while everything waits for it
};

plan plan_for(random_source& chance);
/// One line: sizes, limits and the faults there are.
std::string describe(const plan& p);

}  // namespace quipu::simulation
