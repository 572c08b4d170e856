/// One schedule: a journal, stores, owners, clients, and the chance that moves them.
#pragma once

#include "book.hpp"
#include "findings.hpp"
#include "ledger.hpp"
#include "memory/memory_journal.hpp"
#include "model_store.hpp"
#include "owner.hpp"
#include "plan.hpp"
#include "random_source.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace quipu::simulation {

struct outcome {
  std::optional<violation> found;
  std::vector<std::string> transcript;  ///< when recording
  std::uint64_t steps = 0;
  std::uint64_t records = 0;
  std::uint64_t answers = 0, rejections = 0, repeats = 0, errors = 0, unknowns = 0, expiries = 0, handled = 0;
};

class world {
 public:
  world(std::uint64_t seed, bool recording);
  ~world();

  /// Chaos, then rest, then every checkpoint is opened once more and compared.
  outcome run();

  // What owners use.
  const plan& rules() const { return plan_; }
  random_source& chance() { return chance_; }
  journal::memory::memory_journal& log() { return *log_; }
  model_store& store(std::uint32_t node) { return *stores_[node]; }
  findings& found() { return findings_; }
  book& clients() { return book_; }
  const ledger& audit() const { return ledger_; }
  core::time_us now() const { return now_; }
  bool faults() const { return faults_; }
  /// A fault of this rate strikes now.
  bool strikes(std::uint32_t rate) { return faults_ && chance_.one_in(rate); }
  bool dies_here() { return strikes(plan_.crashes); }
  /// Every record that is sent, by its id: the same id is the same record.
  void sent(core::partition_id partition, const std::shared_ptr<const bytes>& record);
  void check_store(std::uint32_t node, core::partition_id id, std::uint32_t by_owner);

  template <class Text>
  void say(Text&& text) {
    if (recording_) transcript_.push_back(text());
  }

 private:
  void chaos();
  bool stir();  ///< one step of what would go on by itself; false: everything waits for time
  void faults_of_this_step();
  bool rest(const char* when);  ///< until all is answered and idle
  void pass_time(core::time_us by);
  bool pass_time_to_wake();
  void settle_request();
  std::size_t new_wish();
  std::size_t some_wish(bool& first);
  position settled_before(const command_source& source);
  void give_commands(owner& whom);
  core::command_ptr make_command(owner& whom, std::size_t wish, core::partition_id partition, bool fresh);
  std::uint64_t command(owner& whom, std::size_t wish, core::partition_id partition, bool fresh);
  owner& open_owner(bool mended);
  void crash(owner& whom);
  void lose_journal_end();
  void bury();
  std::vector<std::uint32_t> free_nodes() const;
  owner* some_owner();
  void final_readings();
  void read_everything(std::uint32_t node);
  void check_closed(std::uint32_t node, core::partition_id id);
  seat* seat_of(seat_name name);

  bool recording_;
  random_source chance_;
  plan plan_;
  findings findings_;
  book book_;
  std::unique_ptr<journal::memory::memory_journal> log_;
  ledger ledger_;
  std::vector<std::unique_ptr<model_store>> stores_;
  std::vector<std::unique_ptr<owner>> owners_;
  std::vector<entity_name> entities_;
  std::map<id128, checksum> sent_;
  std::optional<std::uint32_t> reading_node_;
  std::uint32_t owners_made_ = 0;
  std::vector<std::chrono::microseconds> cords_live_;  ///< by owner
  std::uint64_t id_counter_ = 0;
  std::map<std::uint64_t, position> said_settled_;  ///< by reaction
  std::uint64_t steps_ = 0;
  std::uint64_t version_ = 1;
  core::time_us now_ = 1'700'000'000'000'000;
  bool faults_ = true;
  std::vector<std::string> transcript_;
};

/// The quiet way for a million, the talking way for one that failed.
outcome run_schedule(std::uint64_t seed, bool recording);

}  // namespace quipu::simulation
