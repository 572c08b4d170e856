#include "projections/record_stream.hpp"

#include <algorithm>
#include <utility>

namespace quipu::projecting {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

namespace {
// A batch is large enough to be worth a lock, and as many as may wait keep both sides busy while one of them flushes.
constexpr std::size_t batch_bytes = 1024UL * 1024;
constexpr std::size_t batches_ahead = 16;
constexpr auto first_retry = 20ms;
constexpr auto longest_retry = 2'000ms;
}  // namespace

record_stream::record_stream(journal::journal& from, range what, std::size_t takers)
    : where_(what.from),
      what_(std::move(what)),
      follower_(from, where_, what_.first),
      waiting_for_(takers),
      at_(where_.at.position.record()),
      thread_([this] { run(); }) {}

record_stream::~record_stream() {
  stop();
  thread_.join();
}

void record_stream::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

std::optional<failure> record_stream::trouble() const {
  std::lock_guard lock(mutex_);
  return trouble_;
}

record_number record_stream::at() const {
  std::lock_guard lock(mutex_);
  return at_;
}

bool record_stream::at_end() const {
  std::lock_guard lock(mutex_);
  return at_end_;
}

std::string record_stream::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_;
}

record_stream::batch record_stream::next(std::size_t taker) {
  std::unique_lock lock(mutex_);
  auto& mine = waiting_for_[taker];
  changed_.wait(lock, [&] { return stopped_ || over_ || !mine.empty(); });
  if (stopped_ || mine.empty()) return nullptr;
  auto records = std::move(mine.front());
  mine.pop_front();
  changed_.notify_all();
  return records;
}

bool record_stream::hand_out(batch records) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return stopped_ ||
           std::ranges::all_of(waiting_for_, [](const auto& one) { return one.size() < batches_ahead; });
  });
  if (stopped_) return false;
  at_ = records->back().stored.number;
  for (auto& one : waiting_for_) one.push_back(records);
  changed_.notify_all();
  return true;
}

// A journal that is out of reach is asked again for as long as there is patience.
result<std::optional<followed_record>> record_stream::read() {
  const auto until = clock::now() + what_.patience;
  for (auto wait = std::chrono::milliseconds(first_retry);;
       wait = std::min(2 * wait, std::chrono::milliseconds(longest_retry))) {
    auto record = follower_.next();
    const bool passes = !record && record.error().kind == failure_kind::unavailable && clock::now() < until;
    std::unique_lock lock(mutex_);
    waiting_ = passes ? record.error().text : std::string();
    if (!passes) return record;
    changed_.wait_for(lock, wait, [&] { return stopped_; });
    if (stopped_) return std::nullopt;
    lock.unlock();
    follower_.restart();
  }
}

void record_stream::run() {
  std::optional<failure> why;
  bool ended = false;
  for (bool more = true; more;) {
    auto records = std::make_shared<std::vector<followed_record>>();
    for (std::size_t bytes = 0; more && bytes < batch_bytes;) {
      auto record = read();
      if (!record) why = record.error();
      ended = record && !*record;
      more = record && *record && (*record)->stored.number <= what_.last;
      if (!more) break;
      more = (*record)->stored.number < what_.last;
      bytes += (*record)->stored.data.size();
      move_past(**record, where_);
      records->push_back(std::move(**record));
    }
    if (!records->empty() && !hand_out(std::move(records))) break;
  }
  std::lock_guard lock(mutex_);
  trouble_ = std::move(why);
  at_end_ = ended && !stopped_;
  over_ = true;
  changed_.notify_all();
}

}  // namespace quipu::projecting
