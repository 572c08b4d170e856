#include "reading/record_walk.hpp"

#include <algorithm>
#include <utility>

#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

// Of a piece that is read backwards: more than the most is left and read again in smaller ones, less than the least
// makes the next one larger.
constexpr std::size_t most_piece_bytes = 32 * 1024 * 1024;
constexpr std::size_t least_piece_bytes = 1024 * 1024;
constexpr record_number most_piece_records = 64 * 1024;

}  // namespace

record_walk::record_walk(journal::journal& from, std::vector<record_range> ranges,
                         std::optional<journal::partition_id> only, output& out, direction way)
    : journal_(from), ranges_(std::move(ranges)), only_(only), out_(out), way_(way) {
  for (auto& range : ranges_) range.first = std::max<record_number>(range.first, 1);
  std::erase_if(ranges_, [](const record_range& range) { return range.first > range.last; });
  if (way_ == direction::oldest_first) std::ranges::reverse(ranges_);
}

std::optional<record_walk::step> record_walk::next() {
  while (out_.wanted() && !interrupted()) {
    auto found = take();
    if (!found) return std::nullopt;
    if (auto* record = std::get_if<read_record>(&*found)) return std::move(*record);
    report(std::get<record_fault>(*found));
  }
  return std::nullopt;
}

std::optional<record_or_fault> record_walk::take() {
  return way_ == direction::oldest_first ? take_forwards() : take_backwards();
}

std::optional<record_or_fault> record_walk::take_forwards() {
  for (;;) {
    if (!reader_) {
      if (ranges_.empty() || failed_) return std::nullopt;
      reader_.emplace(journal_, ranges_.back(), only_);
      ranges_.pop_back();
    }
    if (auto found = reader_->next()) return found;
    if (reader_->failure()) fail(*reader_->failure());
    reader_.reset();
  }
}

std::optional<record_or_fault> record_walk::take_backwards() {
  while (piece_.empty()) {
    if (ranges_.empty() || failed_ || interrupted()) return std::nullopt;
    auto& range = ranges_.back();
    if (range.first > range.last) {
      ranges_.pop_back();
    } else if (!fill_piece(range)) {
      return std::nullopt;
    }
  }
  auto found = std::move(piece_.back());
  piece_.pop_back();
  return found;
}

/// Reads the range's last piece, and cuts it off.
bool record_walk::fill_piece(record_range& range) {
  const auto count = std::min(piece_records_, range.last - range.first + 1);
  const record_range piece{range.last - count + 1, range.last};
  range_reader reader(journal_, piece, only_);
  std::size_t bytes = 0;
  while (auto found = reader.next()) {
    if (const auto* record = std::get_if<read_record>(&*found)) bytes += record->stored.data.size();
    piece_.push_back(std::move(*found));
    if (bytes > most_piece_bytes && count > 1) {
      piece_.clear();
      piece_records_ = std::max<record_number>(count / 8, 1);
      return true;
    }
  }
  if (reader.failure()) {
    piece_.clear();
    fail(*reader.failure());
    return false;
  }
  range.last = piece.first - 1;
  if (bytes < least_piece_bytes) piece_records_ = std::min(piece_records_ * 4, most_piece_records);
  return true;
}

void record_walk::fail(const journal::failure& why) {
  out_.flush();
  outcome_ = give_up(why);
  failed_ = true;
}

void record_walk::report(const record_fault& fault) {
  out_.flush();
  complain(fault.text);
  faults_.push_back(fault.where);
  if (outcome_ == exit_code::done) outcome_ = exit_code::found_wrong;
}

}  // namespace quipu::tool
