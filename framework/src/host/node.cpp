#include "host/node.hpp"

#include "host/clocks.hpp"

#include <algorithm>

namespace quipu::host {
namespace {

constexpr auto pulse = std::chrono::seconds(1);

partition_phase public_phase(core::phase phase) {
  switch (phase) {
    case core::phase::serving:
      return partition_phase::serving;
    case core::phase::closing:
      return partition_phase::closing;
    case core::phase::closed:
      return partition_phase::closed;
    case core::phase::superseded:
      return partition_phase::superseded;
    case core::phase::failed:
      return partition_phase::failed;
    default:
      return partition_phase::opening;
  }
}

bool is_over(core::phase phase) {
  return phase == core::phase::closed || phase == core::phase::superseded || phase == core::phase::failed;
}

backlog word_for(const inbox::figures& now, const inbox::bounds& most) {
  const double full = std::max(static_cast<double>(now.commands) / most.commands,
                               static_cast<double>(now.bytes) / static_cast<double>(most.bytes));
  if (full < 0.25) return backlog::ok;
  return full < 0.75 ? backlog::low : backlog::high;
}

}  // namespace

node::~node() {
  close(how_.close_within);
  stop_watching();
  // What the journal still answers finds the doors shut. Actors go first: they use all the others.
  for (const auto& door : doors_) door->shut();
  actors_.reset();
  replayer_.reset();
  snapshots_.reset();
  doors_.clear();
  gateway_.reset();
}

std::vector<core::partition_status> node::collect(std::chrono::milliseconds patience) {
  const auto before = board_->versions();
  for (const auto& door : doors_) door->report();
  if (!on_runtime_thread()) board_->await_newer(before, status_board::clock::now() + patience);
  return board_->all();
}

void node::share_out_budgets(const std::vector<core::partition_status>& now) {
  std::vector<std::uint64_t> commits;
  commits.reserve(now.size());
  for (const auto& one : now) commits.push_back(one.commits);
  const auto budgets = target_->budgets(commits);
  for (std::size_t p = 0; p < doors_.size(); ++p) doors_[p]->post(core::input::tail_budget{budgets[p]});
}

std::vector<std::uint64_t> node::refused(const std::vector<core::partition_status>& now) const {
  std::vector<std::uint64_t> counts;
  counts.reserve(now.size());
  for (std::uint32_t p = 0; p < now.size(); ++p)
    counts.push_back(gateway_->of(p).now().refused + now[p].refused);
  return counts;
}

void node::watch() {
  condition_watch conditions(notices_);
  std::unique_lock lock(watch_guard_);
  while (!watch_changed_.wait_for(lock, pulse, [this] { return watch_stops_; })) {
    lock.unlock();
    const auto now = collect(pulse);
    share_out_budgets(now);
    conditions.look(now, refused(now), timer_us());
    notices_.pulse();
    gateway_->expire();
    lock.lock();
  }
}

void node::stop_watching() {
  {
    const std::scoped_lock lock(watch_guard_);
    watch_stops_ = true;
  }
  watch_changed_.notify_all();
  if (watch_.joinable()) watch_.join();
}

node_status node::status() {
  const auto all = collect(pulse);
  node_status whole;
  whole.domain = domain_.name();
  whole.owner = how_.owner;
  whole.recovery = recovery_;
  whole.notes = notes_;
  whole.replay_rate = target_->events_per_second();
  whole.replay_rate_measured = target_->measured();
  for (std::uint32_t p = 0; p < all.size(); ++p) {
    const auto& core = all[p];
    const auto& inbox = gateway_->of(p);
    const auto queue = inbox.now();
    auto& one = whole.partitions.emplace_back();
    one.partition = p;
    one.phase = public_phase(core.phase);
    one.why = core.why;
    one.epoch = core.epoch;
    one.tail = core.tail;
    one.floor = core.floor;
    one.queued_commands = queue.commands;
    one.queued_bytes = queue.bytes;
    one.backlog = word_for(queue, inbox.most());
    one.overloaded = queue.refused + core.refused;
    one.resident_entities = core.resident;
    one.unsaved_entities = core.dirty;
    one.quarantined_entities = core.quarantined;
    one.tail_events = core.tail_events;
    one.predicted_recovery = target_->predict(core.tail_events);
    one.commits = core.commits;
    one.batches = core.batches;
    one.repeats = core.repeats;
    one.snapshots_loaded = core.loaded_snapshots;
    one.notes = core.notes;

    whole.queued_commands += one.queued_commands;
    whole.overloaded += one.overloaded;
    whole.resident_entities += one.resident_entities;
    whole.quarantined_entities += one.quarantined_entities;
    whole.tail_events += one.tail_events;
    whole.commits += one.commits;
    whole.batches += one.batches;
    whole.backlog = std::max(whole.backlog, one.backlog);
  }
  whole.predicted_recovery = target_->predict(whole.tail_events);
  return whole;
}

close_report node::report_open(const std::vector<core::partition_status>& now) const {
  close_report report;
  for (std::uint32_t p = 0; p < now.size(); ++p) {
    if (is_over(now[p].phase)) continue;
    const auto commands = gateway_->of(p).now().commands;
    report.open.push_back({p, commands, now[p].dirty});
    report.unanswered_commands += commands;
    report.unsaved_entities += now[p].dirty;
  }
  return report;
}

close_report node::close(std::chrono::milliseconds deadline) {
  const std::scoped_lock once(closing_);
  if (closed_) return closed_with_;
  closed_ = true;
  if (!gateway_ || doors_.empty()) return closed_with_;
  const auto began = status_board::clock::now();
  gateway_->close();
  for (const auto& door : doors_) {
    door->wake();  // what was admitted comes before the end
    door->post(core::input::close{});
  }
  if (!board_->await(is_over, began + deadline)) {
    closed_with_ = report_open(collect(std::chrono::milliseconds(200)));
    for (const auto& door : doors_) door->post(core::input::abandon{});
    // Telling those who wait is a matter of the runtime's own threads only; callbacks that block have
    // themselves to thank.
    board_->await(is_over, status_board::clock::now() + std::chrono::seconds(2));
  }
  closed_with_.took =
      std::chrono::duration_cast<std::chrono::milliseconds>(status_board::clock::now() - began);
  if (watch_.joinable())  // it had been opened
    notices_.tell({.kind = notice_kind::closed,
                   .text = closed_with_.complete() ? "everything was answered and saved"
                                                   : std::to_string(closed_with_.open.size()) +
                                                         " partitions had not finished in time",
                   .took = closed_with_.took});
  if (!closed_with_.complete())
    log_.say(log_level::warning, "node",
             "closing was not done at its deadline; what was not saved is replayed next time",
             {{"unanswered_commands", static_cast<std::int64_t>(closed_with_.unanswered_commands)},
              {"unsaved_entities", static_cast<std::int64_t>(closed_with_.unsaved_entities)}});
  return closed_with_;
}

}  // namespace quipu::host
