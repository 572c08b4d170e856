#include "core/repeats.hpp"

#include <algorithm>
#include <cstring>

namespace quipu::core {
namespace {

// How an entry begins; `reply_size` bytes follow. Little-endian, as everything that Quipu stores.
struct packed_entry {
  std::uint64_t id_high, id_low, body_hash, sequence, position;
  std::int64_t time_us;
  std::uint32_t reply_size : 31;
  std::uint32_t of_reaction : 1;
  std::uint32_t reply_type;
};
static_assert(sizeof(packed_entry) == 56);

packed_entry head_at(const bytes& data, std::size_t offset) {
  packed_entry head;
  std::memcpy(&head, data.data() + offset, sizeof head);
  return head;
}

}  // namespace

std::uint32_t reply_type_of(std::string_view table) {
  return std::max(static_cast<std::uint32_t>(checksum_of(as_bytes(table)).low), no_reply_type + 1);
}

void repeats::add(const remembered& entry, const port::repeat_window& bounds) {
  const packed_entry head{entry.command.high, entry.command.low, entry.body_hash, entry.sequence,
                          entry.position.value, entry.time_us,
                          // A record's size, 64 MiB at most, bounds it.
                          static_cast<std::uint32_t>(entry.reply.size()) & 0x7fffffffU,
                          entry.of_reaction ? 1U : 0U, entry.reply_type};
  const auto* raw = reinterpret_cast<const std::uint8_t*>(&head);
  data_.insert(data_.end(), raw, raw + sizeof head);
  data_.insert(data_.end(), entry.reply.begin(), entry.reply.end());
  ++count_;
  const std::int64_t oldest_kept = entry.time_us - std::chrono::microseconds(bounds.age).count();
  while (count_ > bounds.count || (count_ > 0 && at(start_).time_us < oldest_kept)) forget_oldest();
  if (start_ > data_.size() / 2) {
    data_.erase(data_.begin(), data_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
  }
}

std::optional<remembered> repeats::find(const id128& command) const {
  for (std::size_t offset = start_; offset < data_.size();) {
    const auto head = head_at(data_, offset);
    if (head.id_low == command.low && head.id_high == command.high) return at(offset);
    offset += sizeof head + head.reply_size;
  }
  return std::nullopt;
}

std::vector<remembered> repeats::all() const {
  std::vector<remembered> list;
  for (std::size_t offset = start_; offset < data_.size();) {
    list.push_back(at(offset));
    offset += sizeof(packed_entry) + list.back().reply.size();
  }
  return list;
}

std::int64_t repeats::newest_time() const {
  std::int64_t newest = 0;
  for (std::size_t offset = start_; offset < data_.size();) {
    const auto head = head_at(data_, offset);
    newest = head.time_us;
    offset += sizeof head + head.reply_size;
  }
  return newest;
}

bool repeats::load(bytes_view packed, const id128& newest_forgotten) {
  bytes data(packed.begin(), packed.end());
  std::uint32_t count = 0;
  for (std::size_t offset = 0; offset < data.size(); ++count) {
    if (data.size() - offset < sizeof(packed_entry)) return false;
    const auto head = head_at(data, offset);
    offset += sizeof head;
    if (data.size() - offset < head.reply_size) return false;
    offset += head.reply_size;
  }
  data_ = std::move(data);
  start_ = 0;
  count_ = count;
  newest_forgotten_ = newest_forgotten;
  return true;
}

void repeats::forget_oldest() {
  const auto head = head_at(data_, start_);
  // A reaction's ids may lie far ahead (its events were dated by another clock), and nobody needs them to be remembered.
  if (head.of_reaction == 0)
    newest_forgotten_ = std::max(newest_forgotten_, id128{head.id_high, head.id_low});
  start_ += sizeof head + head.reply_size;
  --count_;
}

remembered repeats::at(std::size_t offset) const {
  const auto head = head_at(data_, offset);
  return {.command = {head.id_high, head.id_low},
          .body_hash = head.body_hash,
          .sequence = head.sequence,
          .position = {head.position},
          .time_us = head.time_us,
          .reply_type = head.reply_type,
          .of_reaction = head.of_reaction != 0,
          .reply = bytes_view(data_).subspan(offset + sizeof head, head.reply_size)};
}

}  // namespace quipu::core
