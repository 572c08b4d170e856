#include "reading/record_walk.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

/// How far behind unreadable storage the walk looks for something readable.
constexpr record_number search_limit = 4096;

}  // namespace

record_walk::record_walk(journal::journal& from, record_number first, record_number last,
                         std::optional<journal::partition_id> only, output& out)
    : journal_(from),
      next_(std::max<record_number>(first, 1)),
      last_(last),
      only_(only),
      out_(out),
      cursor_(from.read(next_, only)) {}

std::optional<record_walk::step> record_walk::next() {
  while (out_.wanted() && !interrupted() && next_ <= last_) {
    std::optional<journal::stored_record> stored = std::exchange(ahead_, std::nullopt);
    if (!stored) {
      auto read = cursor_->next();
      if (!read) {
        if (!step_over(read.error())) return std::nullopt;
        continue;
      }
      stored = std::move(*read);
    }
    if (!stored || stored->number > last_) return std::nullopt;
    next_ = stored->number + 1;
    auto view = journal::record_view::decode(stored->data);
    if (view) return step{std::move(*stored), std::move(*view)};
    report("record " + std::to_string(stored->number) + " of partition " + std::to_string(stored->partition) +
           ": " + describe(view.error()));
  }
  return std::nullopt;
}

/// The cursor cannot go on. Where the storage is damaged, it looks for the next place from which one can.
bool record_walk::step_over(const journal::failure& why) {
  if (why.kind != journal::failure_kind::corrupt) {
    out_.flush();
    outcome_ = give_up(why);
    return false;
  }
  auto from = next_;
  auto end = std::min(last_, from + search_limit);
  for (++next_; next_ <= end && !interrupted(); ++next_) {
    cursor_ = journal_.read(next_, only_);
    auto read = cursor_->next();
    if (!read) continue;
    ahead_ = std::move(*read);
    break;
  }
  auto until = ahead_ ? ahead_->number - 1 : end;
  report("cannot read " +
         (until <= from ? "record " + std::to_string(from)
                        : "all of the records " + std::to_string(from) + " to " + std::to_string(until)) +
         ": " + describe(why));
  if (!ahead_) next_ = last_ + 1;
  return ahead_.has_value();
}

void record_walk::report(const std::string& text) {
  out_.flush();
  complain(text);
  ++damaged_;
  outcome_ = exit_code::found_wrong;
}

}  // namespace quipu::tool
