#include "projections/projector_thread.hpp"

#include <algorithm>
#include <utility>

namespace quipu::projecting {

using namespace std::chrono_literals;

namespace {
constexpr auto first_wait = 20ms;
constexpr auto longest_wait = 2'000ms;
constexpr auto longest_wait_for_hold = 200ms;  // a promotion holds it for a moment
// A position that moved over events of others is stored this often: rows do not depend on it.
constexpr auto position_age_most = 1s;

// What a journal or a disk may come back from by itself. The rest needs somebody who mends it.
bool may_pass(const failure& why) {
  return why.kind == failure_kind::unavailable || why.code == error_code::storage_out_of_space ||
         why.code == error_code::storage_permission;
}
}  // namespace

projector_thread::projector_thread(kept_generation kept, const projector_options& how, attendant beside,
                                   takeover take)
    : what_(*kept.what),
      from_(*kept.from),
      home_(kept.home),
      how_(how),
      beside_(std::move(beside)),
      take_(std::move(take)) {
  seen_.generation = kept.number;
  set_to_work(std::move(kept));
}

void projector_thread::set_to_work(kept_generation kept) {
  had_all_at_us_ = 0;
  const bool noted = home_.failed(kept.number).has_value();
  work_ = std::make_unique<working_set>(
      std::move(kept), how_, [this](std::chrono::milliseconds time) { return sleep(time, false); }, noted);
}

void projector_thread::start() {
  std::lock_guard life(life_);
  {
    std::lock_guard lock(mutex_);
    if (running_) {
      restart_ = true;
      if (seen_.state == projection_state::failed) seen_.state = projection_state::catching_up;
      ++pokes_;
      changed_.notify_all();
      return;
    }
    running_ = true;
    stopping_ = false;
    seen_.state = projection_state::catching_up;
    seen_.text.clear();
  }
  if (thread_.joinable()) thread_.join();
  thread_ = std::thread([this] { run(); });
}

void projector_thread::stop() {
  std::lock_guard life(life_);
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void projector_thread::poke() {
  std::lock_guard lock(mutex_);
  ++pokes_;
  changed_.notify_all();
}

void projector_thread::hand_over(std::move_only_function<void()> task) {
  if (worker_ == std::this_thread::get_id()) return task();
  std::unique_lock life(life_);
  {
    std::lock_guard lock(mutex_);
    if (running_) {
      tasks_.push_back(std::move(task));
      ++pokes_;
      changed_.notify_all();
      return;
    }
  }
  task();
}

// Until the time is over; false when the thread is to stop, or when somebody poked it and that matters.
bool projector_thread::sleep(std::chrono::milliseconds time, bool for_pokes) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time,
                            [&] { return stopping_ || (for_pokes && pokes_ != pokes_before_work_); });
}

bool projector_thread::serve_tasks() {
  for (;;) {
    std::move_only_function<void()> task;
    {
      std::lock_guard lock(mutex_);
      pokes_before_work_ = pokes_;
      if (tasks_.empty()) return !stopping_;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

void projector_thread::run() {
  worker_ = std::this_thread::get_id();
  auto wait = first_wait;
  while (serve_tasks()) {
    {
      std::lock_guard lock(mutex_);
      if (std::exchange(restart_, false)) {
        refused_.reset();
        if (work_) work_->failed = false;
      }
    }
    if (auto kept = caught([this] { return keep_what_is_live(); }); !kept) {
      publish(kept.error().may_pass ? projection_state::waiting : projection_state::failed,
              kept.error().why.text);
      wait = std::min(wait, longest_wait_for_hold);
      sleep(kept.error().may_pass ? wait : paused_look, true);
      wait = wait * 2;
      continue;
    }
    grant_wishes();
    if (!work_) continue;
    if (const auto reason = home_.paused(work_->writer.kept().number)) {
      if (!load()) start_over();
      work_->writer.release();
      publish(projection_state::paused, *reason);
      sleep(paused_look, true);
      continue;
    }
    if (work_->failed) {
      sleep(paused_look, true);
      continue;
    }
    if (!beside_.may_go_on()) {
      work_->writer.release();
      publish(projection_state::catching_up);
      sleep(paused_look, true);
      continue;
    }
    auto done = caught([this] { return work_a_group(); });
    if (done && std::exchange(work_->noted, false)) home_.note_failure(work_->writer.kept().number, {});
    if (done && *done == came_to::more) {
      publish(projection_state::catching_up);
      wait = first_wait;
    } else if (done && *done == came_to::all) {
      publish(projection_state::following);
      wait = first_wait;
      work_->writer.release();
      sleep(how_.look_again, true);
    } else if (done) {  // interrupted
      start_over();
    } else {
      start_over();
      const auto& [why, may_pass] = done.error();
      if (!may_pass) {
        work_->failed = work_->noted = true;
        home_.note_failure(work_->writer.kept().number, why.text);
      }
      publish(may_pass ? projection_state::waiting : projection_state::failed, why.text);
      if (may_pass) sleep(wait, true);
      wait = std::min(wait * 2, longest_wait);
    }
  }
  if (work_) {
    if (const auto done = commit(); !done || !*done) start_over();
    work_->writer.release();
  }
  // From here on callers work themselves; who handed over a task before that still gets it done.
  for (;;) {
    serve_tasks();
    std::lock_guard lock(mutex_);
    if (!tasks_.empty()) continue;
    running_ = false;
    worker_ = std::thread::id();
    seen_.state = projection_state::stopped;
    changed_.notify_all();
    return;
  }
}

// One that is being rebuilt is not live yet, and goes on; once it was live it is as any other.
bool projector_thread::superseded(std::uint32_t generation) const {
  if (!take_) return false;
  const auto live = home_.live();
  return live && *live != 0 && *live != generation && !home_.unpromoted(generation);
}

std::expected<void, projector_thread::trouble> projector_thread::keep_what_is_live() {
  if (work_ && !superseded(work_->writer.kept().number)) return {};
  const auto live = home_.live();
  if (!live) return std::unexpected(trouble{live.error(), true});
  if (*live == 0) {
    return std::unexpected(trouble{
        failure(error_code::projection_not_kept,
                "no generation of projection " + what_.name + " is live any more; promote one of them"),
        true});
  }
  const auto about =
      "generation " + std::to_string(*live) + " of projection " + what_.name + " is live now, ";
  if (refused_ && refused_->number == *live) return std::unexpected(trouble{refused_->why});
  // Whoever promotes the old one again wants to write to it.
  work_.reset();
  auto kept = take_(*live);
  if (!kept) {
    auto why = kept.error();
    const bool passes = why.kind == failure_kind::locked || may_pass(why);
    why.text = describe(why);
    if (passes) {
      why.text = about + "and can't be kept yet: " + why.text;
    } else {
      why.text = about + "and this program can't keep it: " + why.text + "; or promote generation " +
                 std::to_string(seen_.generation) + " again";
      refused_ = {*live, why};
    }
    return std::unexpected(trouble{why, passes});
  }
  refused_.reset();
  set_to_work(std::move(*kept));
  return {};
}

result<void> projector_thread::make_ready() {
  if (auto kept = caught([this] { return keep_what_is_live(); }); !kept)
    return std::unexpected(kept.error().why);
  return load();
}

result<void> projector_thread::load() {
  if (work_->writer.loaded()) return {};
  work_->records.restart();
  return work_->writer.load();
}

// What is not committed is forgotten, and read again from the store and the journal.
void projector_thread::start_over() { work_->writer.discard(); }

std::expected<projector_thread::came_to, projector_thread::trouble> projector_thread::work_a_group() {
  const auto because = [](const failure& why) { return std::unexpected(trouble{why, may_pass(why)}); };
  if (auto known = load(); !known) return because(known.error());
  auto& writer = work_->writer;
  auto& records = work_->records;
  const auto begun = clock::now();
  std::uint64_t taken_records = 0;
  std::uint64_t events = 0;
  std::int64_t asked_us = 0;
  auto outcome = came_to::more;
  for (;;) {
    asked_us = now_us();
    auto record = records.next();
    // What came before a record that can't be read or applied is committed; then it is met again, alone.
    const bool stop = !record || (*record && (*record)->stored.number == work_->stop_before);
    if (stop && taken_records > 0) {
      records.restart();
      break;
    }
    if (!record) return because(record.error());
    if (!*record) {
      outcome = came_to::all;
      break;
    }
    auto taken = writer.apply(**record);
    if (!taken && taken_records > 0) {
      start_over();
      work_->stop_before = (*record)->stored.number;
      return came_to::more;
    }
    if (!taken) return because(taken.error());
    if (*taken == applying::outcome::interrupted) return came_to::interrupted;
    ++taken_records;
    events += (*record)->view.event_count();
    if (events >= how_.group_events || writer.changed_bytes() >= how_.group_bytes ||
        clock::now() - begun >= how_.group_time)
      break;
  }
  if (writer.rows_changed() || clock::now() - writer.committed_at() >= position_age_most) {
    const auto done = commit();
    if (!done) return because(done.error());
    if (!*done) return came_to::interrupted;
  }
  records_ += taken_records;
  events_ += events;
  if (outcome == came_to::all) had_all_at_us_ = asked_us;
  return outcome;
}

// Want of memory, or a mistake of ours: the other projections of the process go on.
template <class F>
auto projector_thread::caught(F work) -> std::invoke_result_t<F&> {
  try {
    return work();
  } catch (const std::exception& thrown) {
    return std::unexpected(trouble{failure(error_code::projection_damaged, thrown.what())});
  }
}

// In the turn, so that nobody promotes another meanwhile: what is reported as applied can be read.
result<bool> projector_thread::commit() {
  auto& writer = work_->writer;
  if (!writer.changed()) return true;
  const auto ours = writer.turn();
  if (superseded(writer.kept().number)) return false;
  if (auto done = writer.commit(ours); !done) return std::unexpected(done.error());
  return true;
}

result<void> projector_thread::change_flag(const std::function<result<void>(std::uint32_t)>& change) {
  std::promise<result<void>> done;
  auto answer = done.get_future();
  hand_over([&] {
    const auto kept = caught([this] { return keep_what_is_live(); });
    const result<std::uint32_t> live = kept ? work_->writer.kept().number : home_.live();
    done.set_value(live ? change(*live) : std::unexpected(live.error()));
  });
  return answer.get();
}

result<void> projector_thread::pause(std::string_view reason) {
  return change_flag([&](std::uint32_t generation) { return home_.pause(generation, reason); });
}

result<void> projector_thread::resume() {
  return change_flag([&](std::uint32_t generation) { return home_.resume(generation); });
}

}  // namespace quipu::projecting
