#include "reading/read_ahead.hpp"

#include <algorithm>
#include <utility>

#include "reading/range_reader.hpp"

namespace quipu::tool {
namespace {

/// Enough to make handing over cheap, little enough to stay in a processor's cache.
constexpr std::size_t chunk_bytes = 512 * 1024;
constexpr std::size_t chunk_records = 512;
constexpr std::size_t chunks_ahead = 8;

}  // namespace

read_ahead::read_ahead(journal::journal& from, record_number first, record_number last, look also)
    : journal_(from),
      next_(std::max<record_number>(first, 1)),
      last_(last),
      also_(std::move(also)),
      cursor_(from.read(next_)),
      thread_([this] { run(); }) {}

read_ahead::~read_ahead() {
  {
    const std::scoped_lock lock(guard_);
    stop_ = true;
  }
  moved_.notify_all();
  thread_.join();
}

std::optional<read_ahead::chunk> read_ahead::next() {
  std::optional<chunk> taken;
  {
    std::unique_lock lock(guard_);
    moved_.wait(lock, [this] { return ended_ || !ready_.empty(); });
    if (ready_.empty()) return std::nullopt;
    taken = std::move(ready_.front());
    ready_.pop_front();
  }
  moved_.notify_all();
  return taken;
}

void read_ahead::run() {
  while (!over_ && next_ <= last_ && !stopped()) {
    auto made = read_chunk();
    std::unique_lock lock(guard_);
    moved_.wait(lock, [this] { return stop_ || ready_.size() < chunks_ahead; });
    ready_.push_back(std::move(made));
    lock.unlock();
    moved_.notify_all();
  }
  {
    const std::scoped_lock lock(guard_);
    ended_ = true;
  }
  moved_.notify_all();
}

bool read_ahead::stopped() {
  const std::scoped_lock lock(guard_);
  return stop_;
}

read_ahead::chunk read_ahead::read_chunk() {
  chunk made;
  for (std::size_t bytes = 0; bytes < chunk_bytes && made.items.size() < chunk_records && next_ <= last_;) {
    auto stored = std::exchange(found_, std::nullopt);
    if (!stored) {
      auto read = cursor_->next();
      if (!read) {
        step_over(made, read.error());
        break;
      }
      stored = std::move(*read);
    }
    if (!stored || stored->number > last_) {
      over_ = true;
      break;
    }
    next_ = stored->number + 1;
    bytes += stored->data.size();
    auto view = journal::record_view::decode(stored->data);
    if (view && also_) also_(*stored, *view);
    made.items.push_back({std::move(*stored), std::move(view)});
  }
  return made;
}

/// The cursor cannot go on. Where the storage is damaged, it looks for the next place from which one can.
void read_ahead::step_over(chunk& into, const journal::failure& why) {
  if (why.kind != journal::failure_kind::corrupt) {
    into.broken = why;
    over_ = true;
    return;
  }
  const auto from = next_;
  const auto end = std::min(last_, from + search_limit);
  for (++next_; next_ <= end && !found_; ++next_) {
    if (stopped()) break;
    cursor_ = journal_.read(next_);
    if (auto read = cursor_->next(); read) {
      found_ = std::move(*read);
      break;
    }
  }
  into.then = gap{from, found_ ? found_->number - 1 : end, why};
  over_ = !found_;
}

}  // namespace quipu::tool
