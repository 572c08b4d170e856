/// A process that owns partitions: a host for the core without threads, whose every move the world decides.
#pragma once

#include "core/partition.hpp"
#include "findings.hpp"
#include "memory/memory_journal.hpp"
#include "model_domain.hpp"
#include "model_store.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quipu::simulation {

class world;

/// One partition of an owner, with what is on its way to it.
struct seat {
  seat(core::partition_config config, std::uint32_t owner_number)
      : owner(owner_number), id(config.id), core(std::move(config)) {}

  std::uint32_t owner;
  core::partition_id id;
  core::partition core;
  core::effects out;

  std::deque<core::any_input> mail;       ///< answers of the journal and the store, not yet delivered
  std::uint32_t asked = 0;                ///< requests at the journal whose answer was not delivered
  std::vector<core::effect::load> loads;  ///< to be read
  std::unique_ptr<journal::cursor> replay;
  decltype(core::effect::replay::pass) replay_pass = 0;
  struct scan {
    core::effect::rebuild what;
    std::unique_ptr<journal::cursor> cursor;
  };
  std::deque<scan> rebuilds;
  bool writing = false;  ///< a group is on its way to the store
  core::time_us wake_at = 0;
  core::time_us clock = 0;                 ///< its timer: the newest time it was told
  core::time_us wall = 0;                  ///< the last time it was told; clocks are set back
  std::uint32_t idle_ticks = 0;            ///< ticks in a row at one and the same time
  std::shared_ptr<const bytes> in_flight;  ///< the last record it sent, and where
  record_number in_flight_at = 0;

  bool waits_for_others() const {
    return !mail.empty() || asked != 0 || !loads.empty() || writing || !rebuilds.empty() ||
           (replay && core.wants_replay());
  }
  bool over() const {
    return core.phase() == core::phase::closed || core.phase() == core::phase::superseded ||
           core.phase() == core::phase::failed;
  }
};

/// Dies whole: its seats, what they had on their way and its writes that did not reach the store.
class owner {
 public:
  struct version {
    std::uint64_t fingerprint = 1;
    bool chokes = false;
    bool retry_quarantined = false;
    std::chrono::microseconds time_to_live{0};  ///< of cords
  };
  owner(world& around, std::uint32_t number, std::uint32_t node, const version& program);
  ~owner();

  /// \name Moves
  /// @{
  void step(seat& where, core::any_input input);
  void deliver(seat& where);
  void read_snapshot(seat& where);
  void feed_replay(seat& where);
  void feed_rebuild(seat& where);
  void write_snapshots();
  void tick(seat& where);
  /// @}

  std::uint32_t number() const { return number_; }
  std::uint32_t node() const { return node_; }
  bool alive() const { return alive_; }
  void die() { alive_ = false; }
  std::vector<std::unique_ptr<seat>>& seats() { return seats_; }
  const port::entity_type* type_of(std::string_view category) const;
  bool has_writes() const { return !writes_.empty(); }
  core::time_us now() const;

  core::time_us skew = 0;  ///< of its clock
  std::uint32_t paused_steps = 0;

 private:
  void carry_out(seat& where);
  bool journal_effects(seat& where);
  void checked_write(std::size_t groups);
  void check_rest(seat& where, bool was_tick);

  world& world_;
  std::uint32_t number_;
  std::uint32_t node_;
  std::vector<std::unique_ptr<model_type>> types_;
  std::vector<std::unique_ptr<seat>> seats_;
  std::deque<core::snapshot_group> writes_;  ///< to the store, in order
  bool alive_ = true;
  std::shared_ptr<bool> listening_ = std::make_shared<bool>(true);
};

}  // namespace quipu::simulation
