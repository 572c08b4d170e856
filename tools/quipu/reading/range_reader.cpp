#include "reading/range_reader.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "terminal/interruption.hpp"

namespace quipu::tool {
range_reader::range_reader(journal::journal& from, record_range what,
                           std::optional<journal::partition_id> only)
    : journal_(from),
      next_(std::max<record_number>(what.first, 1)),
      last_(what.last),
      only_(only),
      single_(only && next_ == last_) {}

std::optional<record_or_fault> range_reader::next() {
  while (next_ <= last_ && !failure_ && !interrupted()) {
    auto stored = std::exchange(ahead_, std::nullopt);
    if (!stored) {
      auto got = read();
      if (!got) return step_over(std::move(got.error()));
      stored = std::move(*got);
    }
    if (!stored || stored->number > last_) return std::nullopt;
    next_ = stored->number + 1;
    auto view = journal::record_view::decode(stored->data);
    if (view) return read_record{std::move(*stored), std::move(*view)};
    return record_fault{{stored->number, stored->number},
                        "record " + std::to_string(stored->number) + " of partition " +
                            std::to_string(stored->partition) + ": " + describe(view.error())};
  }
  return std::nullopt;
}

journal::result<std::optional<journal::stored_record>> range_reader::read() {
  if (std::exchange(single_, false)) {
    // Where it fails for damage, that may be another record's, which the journal looked at, too.
    auto got = read_the_only_one();
    if (got || got.error().kind != journal::failure_kind::corrupt) return got;
  }
  if (!cursor_) cursor_ = journal_.read(next_, only_);
  return cursor_->next();
}

/// A cursor reads ahead, which is too much for one record.
journal::result<std::optional<journal::stored_record>> range_reader::read_the_only_one() {
  auto told = std::make_shared<std::promise<journal::result<std::optional<journal::stored_record>>>>();
  auto answer = told->get_future();
  journal_.successor(*only_, next_ - 1, [told](auto found) { told->set_value(std::move(found)); });
  return answer.get();
}

/// The storage cannot give the next record. Where it is damaged, looks for the next place from which it can.
std::optional<record_or_fault> range_reader::step_over(journal::failure why) {
  cursor_.reset();
  if (why.kind != journal::failure_kind::corrupt) {
    failure_ = std::move(why);
    return std::nullopt;
  }
  const auto from = next_;
  const auto end = std::min(last_, from + search_limit);
  for (++next_; next_ <= end && !interrupted(); ++next_) {
    cursor_ = journal_.read(next_, only_);
    auto got = cursor_->next();
    if (!got) continue;
    ahead_ = std::move(*got);
    break;
  }
  // What is not found in reach counts as lost with the rest.
  const auto until = ahead_ ? ahead_->number - 1 : end;
  if (!ahead_) {
    cursor_.reset();
    next_ = last_ + 1;
  }
  return record_fault{
      {from, until},
      "cannot read " +
          (until <= from ? "record " + std::to_string(from)
                         : "all of the records " + std::to_string(from) + " to " + std::to_string(until)) +
          ": " + describe(why)};
}

}  // namespace quipu::tool
