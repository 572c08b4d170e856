/// The entities of a partition that are in memory.
#pragma once

#include "core/durable_entity.hpp"
#include "core/effects.hpp"

#include <quipu/port/entity_type.hpp>

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace quipu::core {

struct replay_record;
struct entry;

enum class cell_phase : std::uint8_t {
  cold,        ///< has replayed commits; its snapshot is read when somebody asks, or a new one is due
  loading,     ///< its snapshot is being read
  rebuilding,  ///< its snapshot cannot be trusted: its history is being read
  ready,
  catching_up,  ///< its speculation was dropped: waits until what is on its way is durable
  quarantined,  ///< a stored event cannot be applied
};

/// A commit that is decided and not yet durable.
struct pending_commit {
  id128 command;
  std::uint64_t body_hash = 0;
  entry* answer = nullptr;  ///< what waits for it; repeats join it
};

/// One entity in memory. Two images: `durable` moves when a batch is acknowledged, `newest` when a command is
/// decided, so that undoing speculation is forgetting one of them, and a snapshot can be taken at any time
/// (docs/adr/0001).
struct cell : durable_entity {
  const port::entity_type* type = nullptr;
  std::uint16_t category = 0;
  std::string key;
  cell_phase phase = cell_phase::ready;

  image newest;  ///< meaningful while commits are pending; its state may be kept after, equal to `durable`
  bool newest_kept = false;  ///< newest.state equals durable.state and can be evolved without cloning
  std::vector<pending_commit> pending;  ///< in order
  std::uint32_t settled = 0;            ///< of `pending`, within the batch that is being settled
  std::uint32_t answers = 0;            ///< entries without events that will look at this cell

  std::deque<command_ptr> waiting;  ///< while not ready
  /// Replayed commits (record, index) that wait for the snapshot.
  std::vector<std::pair<std::shared_ptr<const replay_record>, std::uint32_t>> backlog;
  bool history_failed = false;  ///< while rebuilding: is to be asked for again
  std::string why;              ///< of quarantine
  bool rebuilt = false;         ///< its history was read; a gap after that is the journal's

  bool dirty = false;    ///< has durable events that no stored or travelling snapshot has
  bool writing = false;  ///< a snapshot of it is on its way to the store
  quipu::position dirty_since;
  std::uint64_t events_before_dirty = 0;  ///< the partition's count of durable events then
  time_us dirty_at = 0;
  quipu::position writing_since;  ///< dirty_since when the travelling snapshot was taken, should it get lost
  std::uint64_t events_before_writing = 0;
  std::uint32_t events_since_snapshot = 0;
  std::uint32_t state_bytes = 0;  ///< when it was last saved
  std::uint32_t grown_bytes = 0;  ///< payload bytes applied since

  std::list<cell*>::iterator place;  ///< in one of the table's lists

  bool has_pending() const { return !pending.empty(); }
  /// Whether a reaction's command is known to have taken effect, by its mark.
  bool knows(const std::optional<command_source>& source) const {
    return source && handled && handled->knows(*source);
  }
  /// What the next command is decided against.
  const void* newest_state() const { return has_pending() ? newest.state.get() : durable.state.get(); }
  std::uint64_t newest_sequence() const { return has_pending() ? newest.sequence : durable.sequence; }
  /// Whether there is a state, and its time to live is over for a command that is decided at `now`.
  bool has_expired(time_us now) const {
    const auto lives = type->time_to_live.count();
    if (lives == 0 || newest_state() == nullptr) return false;
    return (has_pending() ? newest.time : durable.time) < now - lives;
  }
};

/// Cells by name, and in two orders: dirty ones by the position of their oldest unsaved event, the others by
/// last use. A cell's address is stable for as long as it is resident.
class cell_table {
 public:
  cell* find(std::uint16_t category, std::string_view key, std::uint64_t hash);
  cell& insert(std::uint16_t category, const port::entity_type* type, std::string_view key,
               std::uint64_t hash);
  void erase(cell& gone);
  void clear();

  void used(cell& which) {
    if (!which.dirty) idle_.splice(idle_.end(), idle_, which.place);
  }
  /// Moves to the end of the dirty list: callers mark cells dirty in the order of their positions.
  void to_dirty(cell& which);
  /// Back to the dirty list, at its front: its snapshot got lost. The caller puts the list in order.
  void back_to_dirty(cell& which);
  /// Moves to the idle list, as the most recently used.
  void to_idle(cell& which);

  std::list<cell*>& dirty() { return dirty_; }
  const std::list<cell*>& dirty() const { return dirty_; }
  std::list<cell*>& idle() { return idle_; }
  std::size_t size() const { return cells_.size(); }

 private:
  struct name {
    std::uint64_t hash;
    std::uint16_t category;
    std::string_view key;
    bool operator==(const name&) const = default;
  };
  struct hash_of {
    std::size_t operator()(const name& n) const { return n.hash; }
  };
  std::unordered_map<name, std::unique_ptr<cell>, hash_of> cells_;  // keys view into the cells
  std::list<cell*> dirty_;
  std::list<cell*> idle_;
};

}  // namespace quipu::core
