/// A partition: the unit of order, ownership, group commit and recovery, as a pure state machine.
///
/// No I/O, no clock, no threads, no CAF: one thread at a time calls step(), which never blocks.
/// docs/guarantees.md lists the invariants that it keeps; tests/simulation attacks them under a seed.
///
/// Life: opening (tail read, claim appended, tail replayed) -> serving -> closing -> closed; superseded when
/// another owner claimed the partition, failed when the journal cannot be understood or refuses the claim.
#pragma once

#include "core/cell_table.hpp"
#include "core/effects.hpp"

#include <quipu/journal/record.hpp>

#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace quipu::core {

/// Bounds of everything that waits or grows. Defaults are for a node of a few cores and a few GB.
struct limits {
  std::uint32_t commands_per_entity = 4096;  ///< of one entity, decided or not, whose answers are not out
  std::uint32_t waiters_per_repeat = 16;     ///< repeats that may join a command in flight
  std::uint32_t batch_events = 16384;        ///< a batch that holds as many takes no more; at most 65535
  std::uint32_t batch_bytes = 512 * 1024;    ///< likewise; below the journal's max_record_bytes
  std::uint32_t commit_events = 4096;        ///< events of one command
  std::uint32_t reply_bytes = 64 * 1024;
  std::uint32_t state_bytes = 4 * 1024 * 1024;
  std::uint32_t resident_entities = 65536;  ///< of this partition
  std::uint32_t snapshots_per_group = 512;
  std::uint32_t snapshot_group_bytes = 1024 * 1024;
  /// An append that is unknown for longer is given up: a claim is appended in its place, so that it can be
  /// answered.
  std::chrono::milliseconds settle_within{30'000};
};

/// Besides keeping the tail within its budget (input::tail_budget), which is the default policy.
struct snapshot_policy {
  std::uint32_t every_events = 0;      ///< of one entity; 0: off
  std::chrono::milliseconds every{0};  ///< after an entity's first change; 0: off
};

struct partition_config {
  partition_id id = 0;
  journal::identity journal;
  std::uint64_t opening =
      0;              ///< random, of this opening of the journal: no two openers make the same record id
  std::string owner;  ///< for people: who claims the partition
  std::vector<const port::entity_type*> entities;
  core::limits limits;
  snapshot_policy snapshots;
  std::uint64_t tail_budget = 100'000;  ///< events, until input::tail_budget says otherwise
  bool retry_quarantined = false;       ///< replay quarantined entities anew, their program has been mended
};

enum class phase : std::uint8_t {
  created,
  reading_tail,
  claiming,
  replaying,
  serving,
  closing,
  closed,
  superseded,
  failed
};
std::string_view name_of(phase phase);

/// Figures for status and tests; a copy.
struct partition_status {
  core::phase phase = phase::created;
  std::string why;                                 ///< of superseded and failed: a sentence
  error_code code = error_code::partition_failed;  ///< of failed
  std::uint64_t epoch = 0;
  record_number tail = 0;              ///< the last durable record
  position floor;                      ///< replay would start here
  std::uint64_t tail_events = 0;       ///< how many events replay would read
  std::uint64_t replayed_events = 0;   ///< during the last opening
  std::uint64_t loaded_snapshots = 0;  ///< since opening
  std::uint64_t queued = 0;            ///< commands taken and not answered
  std::uint64_t resident = 0;
  std::uint64_t dirty = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t commits = 0;  ///< since opening
  std::uint64_t batches = 0;
  std::uint64_t repeats = 0;
  std::uint64_t refused = 0;       ///< commands answered `overloaded`
  time_us unsettled_since = 0;     ///< when what is on its way to the journal was sent first; 0: nothing is
  std::vector<std::string> notes;  ///< what was found wrong and rebuilt, newest last, bounded
};

class partition {
 public:
  explicit partition(partition_config config);
  ~partition();
  partition(const partition&) = delete;
  partition& operator=(const partition&) = delete;

  /// The only way in. `out` is cleared first.
  void step(any_input input, moment now, effects& out);

  core::phase phase() const { return phase_; }
  bool wants_replay() const;
  /// Nothing is queued or on its way, nothing is dirty.
  bool idle() const;
  partition_status status() const;

 private:
  struct batch;
  enum class retry_action : std::uint8_t { read_tail, send, ask_successor };
  enum class flight_kind : std::uint8_t { none, claim, trust, batch, check };
  struct flight;

  // partition.cpp: inputs
  void on(input::start& in);
  void on(input::tail_read& in);
  void on(input::append_settled& in);
  void on(input::successor_read& in);
  void on(input::replayed& in);
  void on(input::replay_failed& in);
  void on(input::loaded& in);
  void on(input::history& in);
  void on(input::snapshots_stored& in);
  void on(input::commands& in);
  void on(input::tick& in);
  void on(input::tail_budget& in);
  void on(input::close& in);
  void on(input::abandon& in);
  void finish_step();

  // deciding.cpp: from command to entry of the open batch
  void take(command_ptr command);
  void route(command_ptr command);
  void decide(cell& where, command_ptr command);
  bool answer_repeat(cell& where, command_ptr& command);
  bool record_decision(cell& where, bool expired, command_ptr& command, const port::decided& decided);
  void answer_without_events(cell& where, const void* state, command_ptr command,
                             std::unique_ptr<rejection> no);
  bool can_route(const port::command& command);
  bool apply_newest(cell& where, bool expired, command_ptr& command, const port::decided& decided);
  void drop_speculation(cell& where);
  void serve_waiting(cell& where);
  void serve_held();
  bool batch_full() const;

  // flight.cpp: the one append, claim or check that is on its way
  void read_tail();
  void claim(record_number expected);
  void launch();
  void send();
  void ask_successor();
  void retry();
  void retry_later(retry_action what);
  void landed(record_number number, const std::shared_ptr<const bytes>& record);
  void lost(const journal::record_view& other);
  void give_up_batch();
  void settle_batch(record_number number);
  void settle_answer(entry& settled);
  void settle_commit(entry& settled, const replay_record& record, std::uint32_t index);
  void release_cells(std::deque<entry>& entries);
  journal::batch_stamp next_stamp(std::uint64_t epoch);
  bool is_ours(const journal::batch_stamp& stamp) const;
  void undo_flight(error_code code, const std::string& why);
  void supersede(std::string why);
  void fail(error_code code, std::string why);
  void answer_everything(error_code decided, error_code undecided, const std::string& why);

  // replaying.cpp: from stored records to durable images
  void begin_replay();
  void compare_newest(const std::optional<journal::stored_record>& found);
  void replay_tail();
  void distrust_checkpoint(std::string why);
  void replay(const journal::stored_record& stored);
  std::shared_ptr<const replay_record> understand(const journal::stored_record& stored);
  void apply_record(const std::shared_ptr<const replay_record>& record);
  bool knows_events(const replay_record& record, std::uint16_t category, const journal::commit_view& commit);
  void become_ready(cell& where);
  void apply(cell& where, const std::shared_ptr<const replay_record>& record, std::uint32_t index);
  void advance(cell& where, const replay_record& record, const journal::commit_view& commit);
  std::optional<std::string> restore(cell& where, bytes_view image);
  void serve();
  void retry_rebuilds();
  void request_rebuild(cell& where, const std::string& why);
  void quarantine_cell(cell& where, position from, std::string why);

  // checkpointing.cpp: snapshots, floors, residency
  cell& find_or_make(std::uint16_t category, std::string_view key, std::uint64_t hash);
  void load(cell& where);
  void mark_dirty(cell& where, position since, std::uint64_t events_before);
  bool snapshots_due() const;
  void take_snapshots();
  void add_to_group(cell& where, std::size_t& bytes);
  void evict();
  position floor_now() const;
  position next_position() const;
  std::size_t active_cells() const { return cells_.size() - quarantined_; }
  std::optional<std::uint16_t> category_index(std::string_view name) const;

  // answers
  effect::answer& answer(command_ptr owner);
  void answer_error(command_ptr owner, error_code code, std::string text,
                    std::chrono::milliseconds retry_after = {});
  void note(effect::note_kind kind, std::string text);
  void tell_late();
  template <class F>
  void for_each_open(F&& visit);

  partition_config config_;
  core::phase phase_ = phase::created;
  std::string why_;
  error_code code_ = error_code::partition_failed;  // of why_, when failed
  time_us now_ = 0;                                 // by the timer
  time_us wall_ = 0;                                // for what is stored
  effects* out_ = nullptr;

  // the partition's durable end
  record_number tail_ = 0;
  checksum tail_sum_;
  std::uint64_t epoch_ = 0;
  time_us last_time_ = 0;
  std::uint64_t record_counter_ = 0;

  // entities
  struct category_state {
    const port::entity_type* type = nullptr;
    position floor;
    bool has_rows = false;  // a snapshot of this category may be in the store
  };
  std::vector<category_state> categories_;
  cell_table cells_;
  newest_record newest_;  // in any snapshot
  newest_record newest_at_start_;
  std::vector<quarantine> new_quarantines_;
  std::size_t quarantines_in_group_ = 0;
  std::size_t released_in_group_ = 0;
  position floor_in_group_;
  std::size_t quarantined_ = 0;
  std::vector<std::pair<std::string, std::string>> released_;
  std::uint64_t durable_events_ = 0;  // counted from where replay began
  std::vector<quarantine> stored_quarantines_;

  // commands
  std::deque<command_ptr> held_;  // in order, not yet looked at
  std::unique_ptr<batch> open_;
  std::unique_ptr<flight> flight_;
  port::decided decided_;  // reused
  bytes reply_scratch_;
  std::vector<journal::typed_bytes> event_scratch_;
  std::vector<journal::header_view> header_scratch_;
  time_us next_deadline_ = 0;  // no open command has an earlier one; 0: none has any
  std::size_t waiting_in_cells_ = 0;
  std::size_t loads_open_ = 0;
  std::uint64_t taken_ = 0;

  // snapshots under way
  std::vector<cell*> writing_;
  std::vector<cell*> due_;  // by snapshot_policy::every_events
  bool store_busy_ = false;
  time_us store_retry_at_ = 0;
  time_us rebuild_retry_at_ = 0;
  std::uint64_t tail_budget_ = 0;

  // replay
  std::uint32_t replay_pass_ = 0;
  record_number replay_from_ = 0;
  record_number replayed_to_ = 0;
  checksum replayed_sum_;
  std::uint64_t replayed_epoch_ = 0;

  partition_status figures_;
};

}  // namespace quipu::core
