/// The thread of one projection: groups of records into transactions, waits, requests from outside, and the way over to
/// another generation when that one is promoted.
#pragma once

#include "projections/follower.hpp"
#include "projections/generation_writer.hpp"

#include <quipu/projections/projector.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

namespace quipu::projecting {

/// Takes hold of another generation, which is live now.
using takeover = std::function<result<kept_generation>(std::uint32_t generation)>;

/// Who works with what a projector makes, while it makes it. Called on its thread.
struct attendant {
  /// Before each group; false: it stands still until it is poked.
  std::function<bool()> may_go_on = [] { return true; };
  /// Position or state are others now.
  std::function<void()> moved = [] {};
  /// Does what another process wishes; none: the projector does it.
  std::function<result<released>(const letter_wish&)> grant = {};
};

class projector_thread {
 public:
  /// Without `take` it stays with the generation that it is given. With it, it goes over to the one that is live, once its
  /// own was live and is not any more.
  projector_thread(kept_generation kept, const projector_options& how, attendant beside = {},
                   takeover take = {});
  ~projector_thread() { stop(); }

  void start();
  void stop();
  result<void> pause(std::string_view reason);
  result<void> resume();
  result<void> wait_for(position at, std::chrono::milliseconds timeout);
  /// `as_of`: position and time that count instead of its own.
  projection_status status(const std::optional<progress_row>& as_of = {});
  std::uint32_t generation() const;
  /// For who works beside it. Only of one that stays with its generation.
  const kept_generation& kept() const { return work_->writer.kept(); }
  /// Where it stands: everything up to there is committed.
  progress_row where();
  void poke();

  /// As projector has them.
  result<released> retry(const event_key& event);
  result<released> retry_all();
  result<released> skip(const event_key& event, std::string_view reason);

  /// Runs `work(applying&)` between two transactions, on the thread or (where it is stopped) here, and commits what it
  /// changed. Its result, or why it could not be committed. On the thread too, where it does not apply anything itself.
  template <class F>
  auto call(F work) -> std::invoke_result_t<F&, applying&> {
    using outcome = std::invoke_result_t<F&, applying&>;
    std::promise<outcome> done;
    auto answer = done.get_future();
    hand_over([&] { done.set_value(committed(work)); });
    return answer.get();
  }

 private:
  using clock = std::chrono::steady_clock;
  /// How often it looks whether what it waits for, outside of this process too, has come.
  static constexpr std::chrono::milliseconds paused_look{50};
  /// Why a group came to nothing, and whether it is worth to try again.
  struct trouble {
    failure why;
    bool may_pass = false;
  };
  enum class came_to : std::uint8_t { more, all, interrupted };

  void hand_over(std::move_only_function<void()> task);
  template <class F>
  auto committed(F& work) -> std::invoke_result_t<F&, applying&> {
    for (;;) {
      if (auto clean = make_ready(); !clean) return std::unexpected(clean.error());
      auto outcome = guarded([&] { return work(work_->writer.work()); });
      if (outcome) {
        const auto done = commit();
        if (done && !*done) {
          start_over();
          continue;  // on what is live now
        }
        if (!done) outcome = std::unexpected(done.error());
      }
      if (!outcome) start_over();
      work_->writer.release();
      std::lock_guard lock(mutex_);
      note_where();
      changed_.notify_all();
      return outcome;
    }
  }
  bool note_where();
  /// `change(generation)` for the one that is to be kept now, between two transactions.
  result<void> change_flag(const std::function<result<void>(std::uint32_t)>& change);

  void run();
  bool serve_tasks();
  void grant_wishes();
  bool superseded(std::uint32_t generation) const;
  std::expected<void, trouble> keep_what_is_live();
  std::expected<came_to, trouble> work_a_group();
  template <class F>
  auto caught(F work) -> std::invoke_result_t<F&>;
  /// False, and nothing is written: another generation is live now.
  result<bool> commit();
  result<void> make_ready();
  result<void> load();
  void start_over();
  void publish(projection_state state, std::string text = {});
  bool sleep(std::chrono::milliseconds time, bool for_pokes);
  void set_to_work(kept_generation kept);

  const port::projection_type& what_;
  journal::journal& from_;
  const generations home_;
  const projector_options how_;
  const attendant beside_;
  const takeover take_;

  // Of whoever works: the thread, or a caller while there is none (life_ is held then).
  struct working_set {
    working_set(kept_generation kept, const projector_options& how, applying::pause wait, bool was_noted)
        : writer(std::move(kept), how, std::move(wait)),
          records(*writer.kept().from, writer.where()),
          noted(was_noted) {}
    generation_writer writer;
    follower records;
    /// A record that can't be applied: what comes before it is committed first.
    record_number stop_before = 0;
    bool failed = false;  ///< it can't go on
    bool noted;           ///< others can read that it failed
  };
  std::unique_ptr<working_set>
      work_;  ///< null: its own is not live any more, and it does not have the other yet
  struct refused_generation {
    std::uint32_t number;
    failure why;
  };
  std::optional<refused_generation> refused_;  ///< live, and not to be kept by this program
  std::uint64_t records_ = 0;
  std::uint64_t events_ = 0;
  std::int64_t had_all_at_us_ = 0;

  std::mutex life_;  // held before mutex_
  std::thread thread_;
  std::atomic<std::thread::id> worker_;  ///< thread_, while it runs

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;
  bool stopping_ = false;
  bool restart_ = false;
  std::uint64_t pokes_ = 0;
  std::uint64_t pokes_before_work_ = 0;  ///< a later one is not slept over
  std::deque<std::move_only_function<void()>> tasks_;
  struct sample {
    clock::time_point when;
    std::uint64_t events = 0;
  };
  struct {
    std::uint32_t generation = 0;  ///< that the following is about
    projection_state state = projection_state::stopped;
    std::string text;
    progress_row at;
    tally counts;
    std::uint64_t letters = 0;
    double events_a_record = 1;
    std::uint64_t events = 0;
    std::deque<sample> samples;      ///< of the last seconds
    std::int64_t had_all_at_us = 0;  ///< when it found nothing more in the journal; 0: not yet
  } seen_;
};

}  // namespace quipu::projecting
