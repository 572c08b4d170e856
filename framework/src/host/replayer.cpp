#include "host/replayer.hpp"

#include "host/history_scan.hpp"
#include "host/patient_cursor.hpp"

#include <algorithm>
#include <exception>
#include <optional>

namespace quipu::host {
namespace {

constexpr std::size_t chunk_bytes_most = 256 * 1024;
constexpr std::size_t chunk_records_most = 512;
constexpr std::size_t on_its_way_most = 1024 * 1024;
// Records share the memory that a cursor read them into: one that waits long keeps much of it. So all go out
// this often.
constexpr std::size_t flush_all_after = 4 * 1024 * 1024;
constexpr auto gather_within = std::chrono::milliseconds(500);
// A journal that does not show the claims yet that it acknowledged is asked again.
constexpr int passes_most = 12;

}  // namespace

replayer::replayer(journal::journal& from, std::size_t partitions) : journal_(from), lanes_(partitions) {}

replayer::~replayer() {
  {
    const std::scoped_lock lock(guard_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void replayer::start(std::vector<std::shared_ptr<postbox>> partitions) {
  partitions_ = std::move(partitions);
  thread_ = std::thread([this] { run(); });
}

void replayer::replay(journal::partition_id partition, std::uint32_t pass, record_number from) {
  {
    const std::scoped_lock lock(guard_);
    auto& lane = lanes_[partition];
    lane.phase = lane_phase::asked;
    lane.pass = pass;
    lane.next = from;
    if (first_asked_ == clock::time_point{}) first_asked_ = clock::now();
  }
  changed_.notify_all();
}

void replayer::finished(journal::partition_id partition) {
  {
    const std::scoped_lock lock(guard_);
    lanes_[partition].phase = lane_phase::finished;
    last_finished_ = clock::now();
  }
  changed_.notify_all();
}

void replayer::rebuild(journal::partition_id partition, std::string category, std::string key) {
  {
    const std::scoped_lock lock(guard_);
    rebuilds_.push_back({partition, std::move(category), std::move(key)});
  }
  changed_.notify_all();
}

void replayer::consumed_tail(journal::partition_id partition, std::size_t bytes) {
  {
    const std::scoped_lock lock(guard_);
    lanes_[partition].on_its_way -= bytes;
  }
  changed_.notify_all();
}

void replayer::consumed_history(journal::partition_id partition, std::size_t bytes) {
  {
    const std::scoped_lock lock(guard_);
    lanes_[partition].history_on_its_way -= bytes;
  }
  changed_.notify_all();
}

replayer::clock::duration replayer::pass_took() const {
  const std::scoped_lock lock(guard_);
  if (first_asked_ == clock::time_point{} || last_finished_ < first_asked_) return {};
  return last_finished_ - first_asked_;
}

bool replayer::everyone_asked() const {
  return std::ranges::none_of(lanes_,
                              [](const partition_lane& one) { return one.phase == lane_phase::idle; });
}
bool replayer::anyone_asked() const {
  return std::ranges::any_of(lanes_,
                             [](const partition_lane& one) { return one.phase == lane_phase::asked; });
}
bool replayer::anyone_running() const {
  return std::ranges::any_of(lanes_,
                             [](const partition_lane& one) { return one.phase == lane_phase::running; });
}

void replayer::run() {
  for (;;) {
    bool replays = false;
    {
      std::unique_lock lock(guard_);
      changed_.wait(lock, [this] { return stopping_ || anyone_asked() || !rebuilds_.empty(); });
      if (stopping_) return;
      replays = anyone_asked();
      if (replays)
        changed_.wait_until(lock, first_asked_ + gather_within,
                            [this] { return stopping_ || everyone_asked(); });
      if (stopping_) return;
    }
    try {
      if (replays)
        run_passes();
      else
        serve_rebuilds();
    } catch (const std::exception& bug) {
      fail_running({error_code::storage_failed, std::string("reading the journal threw: ") + bug.what()});
    }
  }
}

// One pass, and again from where it ended for those that have not seen their claim.
void replayer::run_passes() {
  for (int done = 0; done < passes_most; ++done) {
    {
      const std::scoped_lock lock(guard_);
      for (auto& lane : lanes_) {
        if (lane.phase != lane_phase::asked) continue;
        lane.phase = lane_phase::running;
        lane.chunk.clear();
        lane.chunk_bytes = 0;
      }
    }
    if (!pass()) return;
    std::unique_lock lock(guard_);
    const auto settled = [this] {
      return stopping_ || !anyone_running() || !rebuilds_.empty() ||
             std::ranges::all_of(lanes_, [](const partition_lane& one) { return one.on_its_way == 0; });
    };
    for (;;) {
      changed_.wait(lock, settled);
      if (stopping_ || !anyone_running()) return;
      if (rebuilds_.empty()) break;
      lock.unlock();
      serve_rebuilds();
      lock.lock();
    }
    // All was taken and somebody is not finished: it says so this moment, or waits for a history, or for its
    // claim.
    const auto again_in = std::chrono::milliseconds(5L << std::min(done, 7));
    changed_.wait_for(lock, again_in, [this] { return stopping_ || !anyone_running(); });
    if (stopping_ || !anyone_running()) return;
  }
  fail_running({error_code::journal_lost_records, "the journal ends before the claim that it acknowledged"});
}

bool replayer::pass() {
  record_number from = ~record_number{0};
  std::optional<journal::partition_id> only;
  {
    const std::scoped_lock lock(guard_);
    std::size_t running = 0;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (lanes_[i].phase != lane_phase::running) continue;
      from = std::min(from, lanes_[i].next);
      only = static_cast<journal::partition_id>(i);
      ++running;
    }
    if (running != 1) only.reset();
    if (running == 0) return false;
  }
  patient_cursor records(journal_, from, only, [this](auto how_long) { return pause(how_long); });
  std::size_t since_flush = 0;
  for (;;) {
    auto next = records.next();
    if (!next) {
      fail_running(next.error());
      return false;
    }
    if (!*next) break;
    auto& record = **next;
    auto& lane = lanes_[record.partition];
    bool wanted = false;
    {
      const std::scoped_lock lock(guard_);
      if (stopping_) return false;
      wanted = lane.phase == lane_phase::running && record.number >= lane.next;
      if (wanted) lane.next = record.number + 1;
    }
    since_flush += record.data.size();
    if (wanted) {
      const auto partition = record.partition;
      lane.chunk_bytes += record.data.size();
      lane.chunk.push_back(std::move(record));
      if (lane.chunk_bytes >= chunk_bytes_most || lane.chunk.size() >= chunk_records_most) deliver(partition);
    }
    if (since_flush >= flush_all_after) {
      for (std::size_t i = 0; i < lanes_.size(); ++i) deliver(static_cast<journal::partition_id>(i));
      since_flush = 0;
    }
  }
  for (std::size_t i = 0; i < lanes_.size(); ++i) deliver(static_cast<journal::partition_id>(i));
  return true;
}

// Waits for room, and serves rebuilds meanwhile: the partition may be waiting for one before it takes more.
void replayer::deliver(journal::partition_id partition) {
  auto& lane = lanes_[partition];
  if (lane.chunk.empty()) return;
  std::unique_lock lock(guard_);
  const auto room = [&] {
    return stopping_ || lane.phase != lane_phase::running || lane.on_its_way == 0 ||
           lane.on_its_way + lane.chunk_bytes <= on_its_way_most;
  };
  for (;;) {
    changed_.wait(lock, [&] { return room() || !rebuilds_.empty(); });
    if (room()) break;
    lock.unlock();
    serve_rebuilds();
    lock.lock();
  }
  auto chunk = std::move(lane.chunk);
  lane.chunk.clear();
  const auto bytes = std::exchange(lane.chunk_bytes, 0);
  if (stopping_ || lane.phase != lane_phase::running) return;
  lane.on_its_way += bytes;
  const auto pass = lane.pass;
  lock.unlock();
  partitions_[partition]->post(core::input::replayed{pass, std::move(chunk)});
}

void replayer::fail_running(const journal::failure& why) {
  std::vector<std::shared_ptr<postbox>> failed;
  {
    const std::scoped_lock lock(guard_);
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (lanes_[i].phase != lane_phase::running && lanes_[i].phase != lane_phase::asked) continue;
      lanes_[i].phase = lane_phase::finished;
      lanes_[i].chunk.clear();
      lanes_[i].chunk_bytes = 0;
      failed.push_back(partitions_[i]);
    }
  }
  for (const auto& one : failed) one->post(core::input::replay_failed{why});
}

void replayer::serve_rebuilds() {
  std::vector<wanted_history> requests;
  {
    const std::scoped_lock lock(guard_);
    requests.swap(rebuilds_);
  }
  if (requests.empty()) return;
  std::optional<journal::partition_id> only = requests.front().partition;
  history_scan scan;
  for (auto& one : requests) {
    if (only != one.partition) only.reset();
    scan.want(one.partition, std::move(one.category), std::move(one.key));
  }
  const auto deliver_history = [this](journal::partition_id partition, core::input::history part) {
    std::unique_lock lock(guard_);
    auto& lane = lanes_[partition];
    const std::size_t bytes = history_bytes(part);
    changed_.wait(lock, [&] {
      return stopping_ || lane.history_on_its_way == 0 || lane.history_on_its_way + bytes <= on_its_way_most;
    });
    if (stopping_) return false;
    lane.history_on_its_way += bytes;
    lock.unlock();
    partitions_[partition]->post(std::move(part));
    return true;
  };
  patient_cursor records(journal_, 0, only, [this](auto how_long) { return pause(how_long); });
  if (const auto done = scan.run(records, deliver_history); !done)
    for (const auto partition : scan.partitions())
      partitions_[partition]->post(core::input::replay_failed{done.error()});
}

bool replayer::pause(std::chrono::milliseconds how_long) {
  std::unique_lock lock(guard_);
  return !changed_.wait_for(lock, how_long, [this] { return stopping_; });
}

}  // namespace quipu::host
