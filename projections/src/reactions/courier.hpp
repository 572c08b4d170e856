/// The thread that sends what stands in the outbox, and takes down what became of it.
///
/// What is in the store is the truth, and memory a copy: a command is sent once its row is durable, its row goes (or becomes its
/// compensation's, or a dead letter) in a transaction after the answer, and what follows from that is done after the transaction.
#pragma once

#include "projections/projector_thread.hpp"
#include "reactions/filling.hpp"
#include "reactions/lines.hpp"

#include <quipu/reactions/reactor.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace quipu::reacting {

class courier {
 public:
  /// All must outlive it. work_with() is called before start().
  courier(const port::reaction_type& what, filling& filled, runtime& on, const reactor_options& how);
  ~courier() { stop(); }
  void work_with(projecting::projector_thread& projector) { projector_ = &projector; }

  void start();
  void stop();
  /// Returns when nothing is sent any more, where the reaction is paused.
  void wait_for_pause();
  /// There is more in the outbox, or the reaction is not paused any more. Any thread.
  void poke();
  /// The store was changed by others: what is known of it is read again.
  void reload();

  /// For the projector: whether there is room in the outbox.
  bool has_room() const;

  journal::result<void> wait_for(position at, std::chrono::steady_clock::time_point until);
  reaction_status status();

 private:
  using clock = std::chrono::steady_clock;
  struct answered {
    row_key key;
    std::uint64_t sending;
    result<packed_answer> answer;
  };
  /// What the runtime calls back into: may outlive the courier.
  struct mailbox {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<answered> answers;
    bool poked = false;
    bool reload = false;
    bool stopping = false;
  };

  void run();
  bool collect();
  void take(const answered& what);
  void try_again(const row_key& key, lines::item& what, std::string why, std::chrono::milliseconds hint,
                 bool for_ever);
  void write_down();
  void read_outbox();
  void check_bounds();
  void send();
  void send_one(const row_key& key, position settled);
  void publish();
  void wait();
  std::chrono::milliseconds wait_before(std::uint32_t attempt);
  position settled() const;

  const port::reaction_type& what_;
  filling& filled_;
  runtime& on_;
  const reactor_options how_;
  const std::uint64_t reaction_;
  projecting::projector_thread* projector_ = nullptr;
  const std::shared_ptr<mailbox> mail_ = std::make_shared<mailbox>();

  // Of the thread:
  lines lines_;
  std::vector<answered> answers_;  ///< taken from the mailbox
  std::uint64_t sendings_ = 0;
  std::map<row_key, std::optional<outbox_row>>
      changes_;              ///< rows as the next transaction leaves them; nothing: erased
  bool look_ = false;        ///< there may be more in the store
  bool look_at_all_ = true;  ///< nothing of it is known
  row_key looked_to_;
  projecting::progress_row passed_;       ///< the projector: all rows up to there are known here
  position durable_;                      ///< the same, as the store has it
  std::optional<position> first_letter_;  ///< of the events whose `on` threw
  std::optional<std::string> trouble_;    ///< the store could not be read or written: tried again
  std::uint32_t troubles_ = 0;
  std::optional<std::string> failed_;
  bool had_room_ = true;
  struct tally {
    std::uint64_t accepted = 0, repeats = 0, rejected = 0, unanswered = 0;
  } counts_;
  std::minstd_rand chance_{std::random_device{}()};

  // What the projector asks for:
  std::atomic<std::uint64_t> live_ = 0;
  std::atomic<std::uint64_t> live_bytes_ = 0;
  std::atomic<bool> stands_ = false;

  std::mutex sending_;  ///< held while it looks whether it is paused, and sends
  std::mutex life_;
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable changed_;
  struct {
    projecting::progress_row answered;
    std::uint64_t outbox = 0, in_flight = 0, dead = 0;
    tally counts;
    projection_state state = projection_state::catching_up;  ///< following: nothing is to be said
    std::string text;
  } seen_;
};

}  // namespace quipu::reacting
