/// The thread of one projection: groups of records into transactions, waits, requests from outside.
#pragma once

#include "projections/applying.hpp"
#include "projections/generations.hpp"
#include "projections/store.hpp"

#include <quipu/projections/projector.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <expected>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace quipu::projecting {

/// Where a generation lies and what it is made from.
struct kept_generation {
  const port::projection_type* what;
  journal::journal* from;
  generations home;
  std::uint32_t number;
  std::shared_ptr<opened_store> store;
  std::shared_ptr<const void> hold;  ///< nobody else in this process keeps it while this lives
};

/// Who works with what a projector makes, while it makes it. Called on its thread.
struct attendant {
  /// Before each group; false: it stands still until it is poked.
  std::function<bool()> may_go_on = [] { return true; };
  /// Position or state are others now.
  std::function<void()> moved = [] {};
};

class projector_thread {
 public:
  projector_thread(kept_generation kept, const projector_options& how, attendant beside = {});
  ~projector_thread() { stop(); }

  void start();
  void stop();
  result<void> pause(std::string_view reason);
  result<void> resume();
  result<void> wait_for(position at, std::chrono::milliseconds timeout);
  /// `as_of`: position and time that count instead of its own.
  projection_status status(const std::optional<progress_row>& as_of = {});
  std::uint32_t generation() const { return kept_.number; }
  const kept_generation& kept() const { return kept_; }
  /// Where it stands: everything up to there is committed.
  progress_row where();
  void poke();

  /// Runs `work(applying&)` between two transactions, on the thread or (where it is stopped) here, and commits what it
  /// changed. Its result, or why it could not be committed.
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
  /// Why a group came to nothing, and whether it is worth to try again.
  struct trouble {
    failure why;
    bool may_pass = false;
  };
  enum class came_to : std::uint8_t { more, all, interrupted };

  void hand_over(std::move_only_function<void()> task);
  template <class F>
  auto committed(F& work) -> std::invoke_result_t<F&, applying&> {
    if (auto clean = make_ready(); !clean) return std::unexpected(clean.error());
    auto outcome = tried(work);
    if (outcome) {
      if (auto done = commit(); !done) outcome = std::unexpected(done.error());
    }
    if (!outcome) start_over();
    rows_.release();
    note_letters();
    return outcome;
  }
  template <class F>
  auto tried(F& work) -> std::invoke_result_t<F&, applying&> {
    try {
      return work(applying_);
    } catch (const port::row_trouble& found) {
      return std::unexpected(found.why);
    } catch (const std::exception& found) {
      return fail(error_code::projection_damaged, found.what());
    }
  }
  void note_letters();

  void run();
  bool serve_tasks();
  std::expected<came_to, trouble> work_a_group();
  std::expected<came_to, trouble> caught_group();
  result<void> commit();
  result<void> make_ready();
  void start_over();
  void publish(projection_state state, std::string text = {});
  bool sleep(std::chrono::milliseconds time, bool for_pokes);

  const kept_generation kept_;
  const projector_options how_;
  const attendant beside_;
  const commit_turns turns_;

  // Of whoever works: the thread, or a caller while there is none (life_ is held then).
  progress where_;
  pending_rows rows_;
  event_types types_;
  applying applying_;
  follower follower_;
  bool ready_ = false;
  std::vector<bool> touched_;  ///< partitions whose tail is not stored yet
  bool moved_ = false;         ///< the position is not stored yet
  clock::time_point committed_at_;
  tally committed_counts_;
  counts_row counts_before_;  ///< what was counted before it was opened
  /// A record that can't be applied: what comes before it is committed first.
  record_number stop_before_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t events_ = 0;
  std::int64_t had_all_at_us_ = 0;

  std::mutex life_;  // held before mutex_
  std::thread thread_;

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
