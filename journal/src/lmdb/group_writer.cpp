#include "lmdb/group_writer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace quipu::journal::lmdb {

namespace {
// LMDB keeps a transaction's pages in memory, up to 512 MB; a group stays far below.
constexpr std::size_t group_bytes = 64 * 1024 * 1024;
constexpr record_number last_possible = (record_number{1} << 48U) - 1;
}  // namespace

group_writer::group_writer(log_store& store, log_end end)
    : store_(store), ahead_(end), end_(std::move(end)), thread_([this] { run(); }) {}

group_writer::~group_writer() {
  {
    std::lock_guard lock(queue_mutex_);
    stop_ = true;
  }
  queue_moved_.notify_one();
  thread_.join();
}

void group_writer::append(partition_id partition, record_number expected, std::shared_ptr<const bytes> record,
                          append_callback done) {
  bool first = false;
  {
    std::lock_guard lock(queue_mutex_);
    first = queue_.empty();
    queue_.push_back({partition, expected, std::move(record), std::move(done), {}});
  }
  if (first) queue_moved_.notify_one();
}

result<record_number> group_writer::last_of(partition_id partition) {
  {
    std::lock_guard lock(end_mutex_);
    if (!down_) return end_.tails[partition].last;
  }
  {
    std::lock_guard lock(queue_mutex_);
    wake_ = true;  // the next one to ask may find it open again
  }
  queue_moved_.notify_one();
  std::lock_guard lock(end_mutex_);
  return fail(error_code::journal_reopening, down_.value_or("the journal is being opened again"));
}

void group_writer::run() {
  std::vector<request> taken;
  for (;;) {
    {
      std::unique_lock lock(queue_mutex_);
      queue_moved_.wait(lock, [&] { return stop_ || wake_ || !queue_.empty(); });
      if (queue_.empty() && stop_) return;
      wake_ = false;
      taken.swap(queue_);
    }
    serve(taken);
    taken.clear();
  }
}

void group_writer::serve(std::span<request> requests) {
  if (!revive()) {
    answer_not_stored(requests, append_status::unavailable, *down_);
    call_back(requests);
    return;
  }
  while (!requests.empty()) {
    std::size_t count = 0;
    for (std::size_t bytes = 0; count < requests.size() && (count == 0 || bytes < group_bytes); ++count) {
      bytes += requests[count].record->size();
    }
    commit(requests.first(count));
    requests = requests.subspan(count);
  }
}

void group_writer::commit(std::span<request> group) {
  plan(group);
  if (!touched_.empty()) {
    auto write = store_.environment->begin_write(work_);
    auto stored = write ? store(*write, group) : result<void>(std::unexpected(write.error()));
    if (!stored) {
      // Nothing of the group is there. What has no room must not keep out what has: then each for itself.
      write = std::unexpected(stored.error());
      roll_back();
      if (stored.error().kind == failure_kind::refused && group.size() > 1) {
        for (std::size_t i = 0; i < group.size(); ++i) commit(group.subspan(i, 1));
        return;
      }
      if (store_.environment->is_down()) go_down(stored.error().text);
      const bool refused = stored.error().kind == failure_kind::refused;
      answer_not_stored(group, refused ? append_status::refused : append_status::unavailable,
                        stored.error().text, stored.error().code);
    } else if (auto committed = write->commit(); committed) {
      publish();
    } else {
      settle(group, committed.error());
    }
  }
  call_back(group);
}

// Decides who is fenced and numbers the others. Requests of one group for one partition follow each other.
void group_writer::plan(std::span<request> group) {
  touched_.clear();
  work_ = {};
  for (request& one : group) {
    tail_row& tail = ahead_.tails[one.partition];
    if (tail.last != one.expected) {
      one.answer = {append_status::fenced, 0,
                    "the last record of partition " + std::to_string(one.partition) + " is " +
                        std::to_string(tail.last) + ", not " + std::to_string(one.expected)};
      continue;
    }
    if (ahead_.last == last_possible) {
      one.answer = {append_status::refused, 0, "the journal has no record numbers left",
                    error_code::journal_full};
      continue;
    }
    touched_.push_back(one.partition);
    tail = {++ahead_.last, tail.records + 1, tail.bytes + one.record->size()};
    one.answer = {append_status::appended, tail.last, {}};
    work_.rows += 2;
    work_.bytes += one.record->size() + sizeof(record_prefix) + sizeof(tail_row) + 32;
  }
}

result<void> group_writer::store(storage::write_transaction& write, std::span<request> group) {
  for (const request& one : group) {
    if (one.answer.status != append_status::appended) continue;
    auto space = write.append(store_.log, storage::key_of(one.answer.number),
                              sizeof(record_prefix) + one.record->size());
    if (!space) return std::unexpected(space.error());
    const record_prefix prefix{one.partition, 0, one.expected};
    std::memcpy(space->data(), &prefix, sizeof prefix);
    std::memcpy(space->data() + sizeof prefix, one.record->data(), one.record->size());
  }
  std::ranges::sort(touched_);
  touched_.erase(std::ranges::unique(touched_).begin(), touched_.end());
  for (const partition_id partition : touched_) {
    const tail_row& tail = ahead_.tails[partition];
    const bytes_view value(reinterpret_cast<const std::uint8_t*>(&tail), sizeof tail);
    if (auto put = write.put(store_.tails, storage::key_of(partition), value); !put) return put;
  }
  return {};
}

void group_writer::publish() {
  std::lock_guard lock(end_mutex_);
  for (const partition_id partition : touched_) end_.tails[partition] = ahead_.tails[partition];
  end_.last = ahead_.last;
}

void group_writer::roll_back() {
  std::lock_guard lock(end_mutex_);
  for (const partition_id partition : touched_) ahead_.tails[partition] = end_.tails[partition];
  ahead_.last = end_.last;
}

// Who was fenced by a record of this group that is not stored either was not fenced after all.
void group_writer::answer_not_stored(std::span<request> group, append_status status, const std::string& why,
                                     error_code code) {
  std::lock_guard lock(end_mutex_);
  for (request& one : group) {
    const bool fenced = !down_ && one.answer.status == append_status::fenced &&
                        end_.tails[one.partition].last != one.expected;
    if (!fenced && one.answer.status != append_status::refused) one.answer = {status, 0, why, code};
  }
}

// A commit that failed may have taken place. Whatever LMDB holds after opening again is the truth, once
// another commit on top of it has made it durable.
void group_writer::settle(std::span<request> group, const failure& why) {
  const auto placed = std::ranges::find_if(
      group, [](const request& one) { return one.answer.status == append_status::appended; });
  auto reopened = store_.environment->reopen();
  auto found = reopened ? find_and_confirm(*placed) : result<bool>(std::unexpected(reopened.error()));
  if (!found) {
    go_down(found.error().text);
    answer_not_stored(group, append_status::unknown, why.text + "; then: " + found.error().text);
  } else if (*found) {
    publish();
  } else {
    roll_back();
    const bool refused = why.kind == failure_kind::refused;
    answer_not_stored(group, refused ? append_status::refused : append_status::unavailable, why.text,
                      why.code);
  }
}

result<bool> group_writer::find_and_confirm(const request& one) {
  {
    auto look = store_.environment->begin_read();
    if (!look) return std::unexpected(look.error());
    auto row = store_.find(*look, one.answer.number);
    if (!row) return std::unexpected(row.error());
    if (!*row) return false;
    if (!std::ranges::equal((*row)->data, *one.record))
      return std::unexpected(store_.damaged("another record lies there"));
  }
  auto write = store_.environment->begin_write({1, 64});
  if (!write) return std::unexpected(write.error());
  auto before = write->get(store_.meta, as_bytes("settled"));
  if (!before) return std::unexpected(before.error());
  const std::uint64_t times = (*before ? storage::number_in<std::uint64_t>(**before).value_or(0) : 0) + 1;
  if (auto put = write->put(store_.meta, as_bytes("settled"), storage::key_of(times)); !put) {
    return std::unexpected(put.error());
  }
  if (auto committed = write->commit(); !committed) return std::unexpected(committed.error());
  return true;
}

void group_writer::go_down(const std::string& why) {
  std::lock_guard lock(end_mutex_);
  down_ = why;
}

bool group_writer::revive() {
  if (!down_) return true;  // this thread alone writes it
  auto opened = store_.environment->reopen();
  auto end = opened ? store_.read_end() : result<log_end>(std::unexpected(opened.error()));
  std::lock_guard lock(end_mutex_);
  if (!end) {
    down_ = end.error().text;
    return false;
  }
  end_ = std::move(*end);
  ahead_ = end_;
  down_.reset();
  return true;
}

void group_writer::call_back(std::span<request> group) {
  for (request& one : group) {
    one.record.reset();
    std::exchange(one.done, {})(std::move(one.answer));
  }
}

}  // namespace quipu::journal::lmdb
