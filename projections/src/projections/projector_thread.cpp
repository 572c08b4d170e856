#include "projections/projector_thread.hpp"

#include <algorithm>
#include <utility>

namespace quipu::projecting {

using namespace std::chrono_literals;

namespace {
constexpr auto paused_look = 50ms;
constexpr auto longest_wait = 2'000ms;
constexpr auto rate_window = 5s;
// A position that moved over events of others is stored this often: rows do not depend on it.
constexpr auto position_age_most = 1s;

// What a journal or a disk may come back from by itself. The rest needs somebody who mends it.
bool may_pass(const failure& why) {
  return why.kind == failure_kind::unavailable || why.code == error_code::storage_out_of_space ||
         why.code == error_code::storage_permission;
}
}  // namespace

projector_thread::projector_thread(kept_generation kept, const projector_options& how, attendant beside)
    : kept_(std::move(kept)),
      how_(how),
      beside_(std::move(beside)),
      turns_(kept_.home.directory_of(kept_.number)),
      rows_(*kept_.store, how_.cache_bytes),
      types_(*kept_.what, *kept_.from),
      applying_(*kept_.what, types_, rows_, how_,
                [this](std::chrono::milliseconds time) { return sleep(time, false); }),
      follower_(*kept_.from, where_) {
  if (const auto counted = load_counts(*kept_.store); counted && *counted) counts_before_ = **counted;
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
  auto wait = std::chrono::milliseconds(20);
  bool failed = false;
  bool noted = kept_.home.failed(kept_.number).has_value();
  while (serve_tasks()) {
    if (const auto reason = kept_.home.paused(kept_.number)) {
      if (!make_ready()) start_over();
      rows_.release();
      publish(projection_state::paused, *reason);
      sleep(paused_look, true);
      continue;
    }
    {
      std::lock_guard lock(mutex_);
      if (std::exchange(restart_, false)) failed = false;
    }
    if (failed) {
      sleep(longest_wait, true);
      continue;
    }
    if (!beside_.may_go_on()) {
      rows_.release();
      publish(projection_state::catching_up);
      sleep(paused_look, true);
      continue;
    }
    auto done = caught_group();
    if (done && noted) kept_.home.note_failure(kept_.number, {}), noted = false;
    if (done && *done == came_to::more) {
      publish(projection_state::catching_up);
      wait = 20ms;
    } else if (done && *done == came_to::all) {
      publish(projection_state::following);
      wait = 20ms;
      rows_.release();
      sleep(how_.look_again, true);
    } else if (done) {  // interrupted
      start_over();
    } else {
      start_over();
      failed = !done.error().may_pass;
      if (failed) kept_.home.note_failure(kept_.number, done.error().why.text), noted = true;
      publish(failed ? projection_state::failed : projection_state::waiting, done.error().why.text);
      if (!failed) sleep(wait, true);
      wait = std::min(wait * 2, longest_wait);
    }
  }
  if (moved_ && !commit()) start_over();
  rows_.release();
  // From here on callers work themselves; who handed over a task before that still gets it done.
  for (;;) {
    serve_tasks();
    std::lock_guard lock(mutex_);
    if (!tasks_.empty()) continue;
    running_ = false;
    seen_.state = projection_state::stopped;
    changed_.notify_all();
    return;
  }
}

result<void> projector_thread::make_ready() {
  if (ready_) return {};
  auto& environment = *kept_.store->environment;
  if (environment.is_down()) {  // a commit failed, and so did opening it again
    if (auto opened = environment.reopen(); !opened) return opened;
  }
  auto loaded = load_progress(*kept_.store, kept_.from->about().partitions);
  if (!loaded) return std::unexpected(loaded.error());
  where_ = std::move(*loaded);
  touched_.assign(where_.tails.size(), false);
  moved_ = false;
  follower_.restart();
  if (auto known = applying_.reload(); !known) return known;
  ready_ = true;
  return {};
}

// What is not committed is forgotten, and read again from the store and the journal.
void projector_thread::start_over() {
  rows_.discard();
  ready_ = false;
  moved_ = false;
  applying_.count_again_from(committed_counts_);
}

std::expected<projector_thread::came_to, projector_thread::trouble> projector_thread::work_a_group() {
  const auto because = [](const failure& why) { return std::unexpected(trouble{why, may_pass(why)}); };
  if (auto known = make_ready(); !known) return because(known.error());
  const auto begun = clock::now();
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::int64_t asked_us = 0;
  auto outcome = came_to::more;
  for (;;) {
    asked_us = now_us();
    auto record = follower_.next();
    // What came before a record that can't be read or applied is committed; then it is met again, alone.
    const bool stop = !record || (*record && (*record)->stored.number == stop_before_);
    if (stop && records > 0) {
      follower_.restart();
      break;
    }
    if (!record) return because(record.error());
    if (!*record) {
      outcome = came_to::all;
      break;
    }
    auto taken = applying_.take(**record);
    if (!taken && records > 0) {
      start_over();
      stop_before_ = (*record)->stored.number;
      return came_to::more;
    }
    if (!taken) return because(taken.error());
    if (*taken == applying::outcome::interrupted) return came_to::interrupted;
    follower_.moved_past(**record);
    touched_[(*record)->stored.partition] = true;
    moved_ = true;
    ++records;
    events += (*record)->view.event_count();
    if (events >= how_.group_events || rows_.changed_bytes() >= how_.group_bytes ||
        clock::now() - begun >= how_.group_time)
      break;
  }
  records_ += records;
  events_ += events;
  if (moved_ && (rows_.changed() || clock::now() - committed_at_ >= position_age_most)) {
    if (auto done = commit(); !done) return because(done.error());
  }
  if (outcome == came_to::all) had_all_at_us_ = asked_us;
  return outcome;
}

// Want of memory, or a mistake of ours: the other projections of the process go on.
std::expected<projector_thread::came_to, projector_thread::trouble> projector_thread::caught_group() {
  try {
    return work_a_group();
  } catch (const std::exception& thrown) {
    return std::unexpected(trouble{failure(error_code::projection_damaged, thrown.what())});
  }
}

result<void> projector_thread::commit() {
  if (moved_) {
    rows_.put(meta_table, progress_key, bytes_of(where_.at));
    const auto& now = applying_.counts();
    rows_.put(meta_table, counts_key,
              bytes_of(counts_row{counts_before_.applied + now.applied, counts_before_.passed + now.passed,
                                  counts_before_.duplicates + now.duplicates,
                                  counts_before_.retries + now.retries}));
    for (std::uint32_t partition = 0; partition < touched_.size(); ++partition)
      if (touched_[partition]) rows_.put(meta_table, tail_key(partition), bytes_of(where_.tails[partition]));
  }
  if (!rows_.changed()) return {};
  {
    const auto turn = turns_.commit();
    if (auto done = rows_.commit(); !done) return done;
  }
  touched_.assign(touched_.size(), false);
  moved_ = false;
  committed_at_ = clock::now();
  committed_counts_ = applying_.counts();
  return {};
}

void projector_thread::publish(projection_state state, std::string text) {
  std::unique_lock lock(mutex_);
  const bool tell = seen_.state != state || (ready_ && seen_.at.position != where_.at.position);
  seen_.state = state;
  seen_.text = std::move(text);
  if (ready_) {
    seen_.at = where_.at;
    seen_.letters = applying_.letters();
    seen_.had_all_at_us = had_all_at_us_;
  }
  seen_.counts = applying_.counts();
  if (records_ != 0) seen_.events_a_record = static_cast<double>(events_) / static_cast<double>(records_);
  seen_.events = events_;
  const auto now = clock::now();
  if (seen_.samples.empty() || now - seen_.samples.back().when >= rate_window / 10)
    seen_.samples.push_back({now, events_});
  while (seen_.samples.size() > 2 && now - seen_.samples.front().when > rate_window)
    seen_.samples.pop_front();
  if (!tell) return;
  changed_.notify_all();
  lock.unlock();
  beside_.moved();
}

progress_row projector_thread::where() {
  std::lock_guard lock(mutex_);
  return seen_.at;
}

void projector_thread::note_letters() {
  if (!ready_) return;
  std::lock_guard lock(mutex_);
  seen_.letters = applying_.letters();
}

result<void> projector_thread::pause(std::string_view reason) {
  if (auto written = kept_.home.pause(kept_.number, reason); !written) return written;
  return call([](applying&) { return result<void>{}; });  // the transaction that was under way is done
}

result<void> projector_thread::resume() {
  if (auto gone = kept_.home.resume(kept_.number); !gone) return gone;
  poke();
  return {};
}

result<void> projector_thread::wait_for(position at, std::chrono::milliseconds timeout) {
  const auto until = clock::now() + timeout;
  std::unique_lock lock(mutex_);
  ++pokes_;
  changed_.notify_all();
  const auto over = [&] { return seen_.at.position >= at || seen_.state == projection_state::failed; };
  changed_.wait_until(lock, until, over);
  if (seen_.at.position >= at) return {};
  return fail(error_code::projection_late,
              "projection " + kept_.what->name + " is " + std::string(name_of(seen_.state)) + " at record " +
                  std::to_string(seen_.at.position.record()) + ", not yet at record " +
                  std::to_string(at.record()) + (seen_.text.empty() ? "" : ": " + seen_.text));
}

projection_status projector_thread::status(const std::optional<progress_row>& as_of) {
  const auto end = kept_.from->summarize();
  const auto now = std::chrono::microseconds(now_us());
  std::lock_guard lock(mutex_);
  const auto& at = as_of ? *as_of : seen_.at;
  projection_status out{.name = kept_.what->name,
                        .version = kept_.what->version,
                        .generation = kept_.number,
                        .state = seen_.state,
                        .text = seen_.text,
                        .position = at.position,
                        .head = end ? end->last : 0,
                        .applied = seen_.counts.applied,
                        .passed = seen_.counts.passed,
                        .duplicates = seen_.counts.duplicates,
                        .retries = seen_.counts.retries,
                        .dead_letters = seen_.letters};
  if (out.head > out.position.record()) {
    const auto records = static_cast<double>(out.head - out.position.record());
    out.lag_events = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(records * seen_.events_a_record));
    // What it lacks is younger than what it has, and came after it had all. A quiet journal is no lag.
    const auto last_us = out.position.record() == 0 ? kept_.from->about().created_us : at.time_us;
    const bool had_all = at.position == seen_.at.position;
    const auto since = std::chrono::microseconds(had_all ? std::max(last_us, seen_.had_all_at_us) : last_us);
    out.lag = std::max(0ms, std::chrono::duration_cast<std::chrono::milliseconds>(now - since));
  }
  out.backlog = out.lag <= 1s ? backlog_word::ok : out.lag <= 60s ? backlog_word::low : backlog_word::high;
  if (!seen_.samples.empty()) {
    const auto& first = seen_.samples.front();
    const std::chrono::duration<double> time = std::max<clock::duration>(clock::now() - first.when, 1ms);
    out.events_per_second = static_cast<double>(seen_.events - first.events) / time.count();
  }
  return out;
}

}  // namespace quipu::projecting
