#include "lmdb/log_cursor.hpp"

#include <cstring>

namespace quipu::journal::lmdb {

namespace {
// Enough to make the transaction and the allocation cheap, little enough to stay in a processor's cache.
constexpr std::size_t chunk_bytes = 1024 * 1024;
constexpr std::size_t chunk_records = 256;
// A filter may pass over many: the transaction is not to become long for that.
constexpr std::size_t rows_a_look = 16 * 1024;
}  // namespace

result<std::optional<stored_record>> log_cursor::next() {
  if (next_ == places_.size()) {
    buffer_.reset();
    auto more = read_chunk();
    while (more && *more && places_.empty()) more = read_chunk();
    if (!more) return std::unexpected(more.error());
    if (places_.empty()) return std::nullopt;
  }
  const place& at = places_[next_++];
  const auto* data = reinterpret_cast<const std::uint8_t*>(buffer_.get()) + at.offset;
  return stored_record{at.number, at.partition, {data, at.size}, buffer_};
}

// Whether there may be more behind what it read.
result<bool> log_cursor::read_chunk() {
  places_.clear();
  seen_.clear();
  next_ = 0;
  auto look = store_.environment->begin_read();
  if (!look) return std::unexpected(look.error());
  auto rows = look->open_cursor(store_.log);
  if (!rows) return std::unexpected(rows.error());
  std::size_t bytes = 0;
  std::size_t passed = 0;
  auto row = rows->seek(storage::key_of(from_));
  for (; row && *row; row = rows->next()) {
    auto record = store_.parse(**row);
    if (!record) {
      if (!places_.empty()) break;  // what is sound before it comes first
      if (const auto number = storage::number_in<record_number>((*row)->key)) from_ = *number + 1;
      return std::unexpected(record.error());
    }
    if (passed++ == rows_a_look) break;
    if (!only_ || *only_ == record->prefix.partition) {
      if (!places_.empty() && (bytes + record->data.size() > chunk_bytes || places_.size() == chunk_records))
        break;
      places_.push_back({record->number, record->prefix.partition, bytes, record->data.size()});
      seen_.push_back(record->data);
      bytes += aligned_size(record->data.size());
    }
    from_ = record->number + 1;
  }
  if (!row) {
    places_.clear();
    return std::unexpected(row.error());
  }
  copy_chunk(bytes);
  return row->has_value();
}

void log_cursor::copy_chunk(std::size_t bytes) {
  if (places_.empty()) return;
  buffer_ = aligned_buffer(bytes);
  auto* out = reinterpret_cast<std::uint8_t*>(buffer_.get());
  for (std::size_t i = 0; i < places_.size(); ++i)
    std::memcpy(out + places_[i].offset, seen_[i].data(), places_[i].size);
  seen_.clear();
}

}  // namespace quipu::journal::lmdb
