#include "memory/memory_journal.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "format/new_identity.hpp"

namespace quipu::journal::memory {
namespace {

constexpr const char* no_answer = "No answer came: whether the request was carried out is not known.";

std::string no_such_partition(partition_id partition, std::uint32_t partitions) {
  return "There is no partition " + std::to_string(partition) + ": this journal has 0 to " +
         std::to_string(partitions - 1) + ".";
}

}  // namespace

/// Holds nothing but its place; every call takes the journal's lock for a moment.
class memory_journal::log_cursor final : public cursor {
 public:
  log_cursor(const memory_journal& owner, record_number from, std::optional<partition_id> only)
      : owner_(owner), from_(std::max<record_number>(from, 1)), only_(only) {}

  result<std::optional<stored_record>> next() override {
    if (only_ && *only_ >= owner_.about_.partitions) {
      return fail(error_code::journal_partition, no_such_partition(*only_, owner_.about_.partitions));
    }
    std::lock_guard lock(owner_.mutex_);
    auto found = owner_.next_locked(from_, only_);
    if (found) from_ = found->number + 1;
    return found;
  }

 private:
  const memory_journal& owner_;
  record_number from_;
  std::optional<partition_id> only_;
};

memory_journal::memory_journal(const options& how)
    : manual_(how.manual),
      about_(how.about ? *how.about : new_identity(how.how)),
      by_partition_(about_.partitions) {}

memory_journal::~memory_journal() {
  while (!queue_.empty()) {
    auto last = std::move(queue_.front());
    queue_.pop_front();
    without_deciding(std::move(last), append_status::unknown, "The journal was closed before an answer came.")
        .tell();
  }
}

void memory_journal::append(partition_id partition, record_number expected,
                            std::shared_ptr<const bytes> record, append_callback done) {
  admit({.what = {.kind = request_kind::append, .partition = partition},
         .number = expected,
         .record = std::move(record),
         .on_append = std::move(done)});
}

void memory_journal::successor(partition_id partition, record_number tail, record_callback done) {
  admit({.what = {.kind = request_kind::successor, .partition = partition},
         .number = tail,
         .on_record = std::move(done)});
}

void memory_journal::tail(partition_id partition, record_callback done) {
  admit({.what = {.kind = request_kind::tail, .partition = partition}, .on_record = std::move(done)});
}

std::unique_ptr<cursor> memory_journal::read(record_number from, std::optional<partition_id> only) {
  return std::make_unique<log_cursor>(*this, from, only);
}

result<void> memory_journal::put_schema(const stored_schema& schema) {
  std::lock_guard lock(mutex_);
  schemas_.try_emplace(schema.hash, schema.binary);
  return {};
}

result<std::vector<stored_schema>> memory_journal::schemas() {
  std::lock_guard lock(mutex_);
  std::vector<stored_schema> all;
  for (const auto& [hash, binary] : schemas_) all.push_back({hash, binary});
  return all;
}

result<summary> memory_journal::summarize() {
  std::lock_guard lock(mutex_);
  summary all{.records = log_.size(),
              .first = log_.empty() ? 0 : log_.front().number,
              .last = log_.empty() ? 0 : log_.back().number,
              .durability = "none: the records live in the memory of this process",
              .survives_power_cut = false};
  for (const auto& record : log_) all.bytes += record.data.size();
  return all;
}

void memory_journal::admit(request&& asked) {
  std::unique_lock lock(mutex_);
  asked.what.client = client_;
  if (manual_) {
    queue_.push_back(std::move(asked));
    return;
  }
  auto told = decide_locked(std::move(asked));
  lock.unlock();
  told.tell();
}

memory_journal::verdict memory_journal::decide_locked(request&& asked) {
  verdict out;
  if (asked.what.kind == request_kind::append) {
    out.append = append_locked(asked);
  } else {
    out.record = read_locked(asked);
  }
  out.asked = std::move(asked);
  return out;
}

append_result memory_journal::append_locked(const request& asked) {
  auto partition = asked.what.partition;
  if (partition >= about_.partitions) {
    return {append_status::refused, 0, no_such_partition(partition, about_.partitions)};
  }
  if (asked.record->size() > about_.max_record_bytes) {
    return {append_status::refused, 0,
            "The record is too large: it has " + std::to_string(asked.record->size()) +
                " bytes, this journal takes records of at most " + std::to_string(about_.max_record_bytes) +
                ".",
            error_code::record_too_large};
  }
  auto& numbers = by_partition_[partition];
  if (asked.number != (numbers.empty() ? 0 : numbers.back())) return {append_status::fenced, 0, {}};
  record_number number = log_.size() + 1;
  log_.push_back({.number = number, .partition = partition, .data = *asked.record, .keep = asked.record});
  numbers.push_back(number);
  return {append_status::appended, number, {}};
}

result<std::optional<stored_record>> memory_journal::read_locked(const request& asked) const {
  auto partition = asked.what.partition;
  if (partition >= about_.partitions) {
    return fail(error_code::journal_partition, no_such_partition(partition, about_.partitions));
  }
  if (asked.what.kind == request_kind::successor) return next_locked(asked.number + 1, partition);
  const auto& numbers = by_partition_[partition];
  if (numbers.empty()) return std::nullopt;
  return log_[numbers.back() - 1];
}

std::optional<stored_record> memory_journal::next_locked(record_number from,
                                                         std::optional<partition_id> only) const {
  if (only) {
    const auto& numbers = by_partition_[*only];
    auto found = std::ranges::lower_bound(numbers, from);
    if (found == numbers.end()) return std::nullopt;
    from = *found;
  }
  if (from > log_.size()) return std::nullopt;
  return log_[from - 1];
}

memory_journal::verdict memory_journal::without_deciding(request&& asked, append_status status,
                                                         const char* why) {
  verdict out{.asked = std::move(asked), .append = {status, 0, why}, .record = std::nullopt};
  out.record = fail(error_code::storage_closed, why);
  return out;
}

void memory_journal::verdict::tell() {
  if (!asked.what.awaited) return;
  if (asked.what.kind == request_kind::append) {
    asked.on_append(std::move(append));
  } else {
    asked.on_record(std::move(record));
  }
}

void memory_journal::act_as(std::uint64_t client) {
  std::lock_guard lock(mutex_);
  client_ = client;
}

std::size_t memory_journal::pending() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

pending_request memory_journal::look(std::size_t index) const {
  std::lock_guard lock(mutex_);
  assert(index < queue_.size());
  return queue_[index].what;
}

void memory_journal::settle(std::size_t index, fate what) {
  std::unique_lock lock(mutex_);
  assert(index < queue_.size());
  auto asked = std::move(queue_[index]);
  queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(index));

  bool again = asked.what.kind == request_kind::append && asked.what.awaited;
  auto copy_to_queue = [&] {
    request copy{.what = asked.what, .number = asked.number, .record = asked.record};
    copy.what.awaited = false;
    queue_.push_back(std::move(copy));
  };
  verdict told;
  switch (what) {
    case fate::deliver:
      told = decide_locked(std::move(asked));
      break;
    case fate::late_duplicate:
      if (again) copy_to_queue();
      told = decide_locked(std::move(asked));
      break;
    case fate::lose_ack:
      told = decide_locked(std::move(asked));
      told = without_deciding(std::move(told.asked), append_status::unknown, no_answer);
      break;
    case fate::lose_request:
      told = without_deciding(std::move(asked), append_status::unknown, no_answer);
      break;
    case fate::delay_request:
      if (again) copy_to_queue();
      told = without_deciding(std::move(asked), append_status::unknown, no_answer);
      break;
    case fate::refuse:
      told = without_deciding(std::move(asked), append_status::refused, "The journal has no space left.");
      break;
    case fate::unavailable:
      told = without_deciding(std::move(asked), append_status::unavailable, "The journal is not reachable.");
      break;
  }
  lock.unlock();
  told.tell();
}

void memory_journal::forget_locked(std::optional<std::uint64_t> client, crash what) {
  std::deque<request> kept;
  for (auto& asked : queue_) {
    bool gone = !client || asked.what.client == *client;
    if (gone) {
      // A read that nobody awaits changes nothing; an append that is on the wire does.
      if (what == crash::drop_requests || asked.what.kind != request_kind::append) continue;
      asked.what.awaited = false;
      asked.on_append = nullptr;
    }
    kept.push_back(std::move(asked));
  }
  queue_.swap(kept);
}

void memory_journal::forget_client(std::uint64_t client, crash what) {
  std::lock_guard lock(mutex_);
  forget_locked(client, what);
}

void memory_journal::forget_all(crash what) {
  std::lock_guard lock(mutex_);
  forget_locked(std::nullopt, what);
}

void memory_journal::flush() {
  std::lock_guard lock(mutex_);
  flushed_ = log_.size();
}

void memory_journal::lose_unflushed() {
  std::lock_guard lock(mutex_);
  while (log_.size() > flushed_) {
    by_partition_[log_.back().partition].pop_back();
    log_.pop_back();
  }
}

}  // namespace quipu::journal::memory
