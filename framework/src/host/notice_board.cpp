#include "host/notice_board.hpp"

#include "host/runtime_thread.hpp"

#include <exception>
#include <string>
#include <utility>

namespace quipu {

std::string_view name_of(notice_kind kind) {
  switch (kind) {
    case notice_kind::opened:
      return "opened";
    case notice_kind::recovered:
      return "recovered";
    case notice_kind::superseded:
      return "superseded";
    case notice_kind::failed:
      return "failed";
    case notice_kind::overloaded:
      return "overloaded";
    case notice_kind::overload_over:
      return "overload_over";
    case notice_kind::journal_lost:
      return "journal_lost";
    case notice_kind::journal_back:
      return "journal_back";
    case notice_kind::quarantined:
      return "quarantined";
    case notice_kind::rebuilt:
      return "rebuilt";
    case notice_kind::snapshot_failed:
      return "snapshot_failed";
    case notice_kind::closed:
      return "closed";
  }
  return "unknown";
}

namespace host {
namespace {

constexpr std::uint32_t told_one_by_one = 16;  // of a kind, between two pulses

// One an entity, or one a try: the others come once a partition, or once a condition.
bool may_be_many(notice_kind kind) {
  return kind == notice_kind::quarantined || kind == notice_kind::rebuilt ||
         kind == notice_kind::snapshot_failed;
}

}  // namespace

void notice_board::tell(notice what) {
  if (!who_) return;
  const std::scoped_lock lock(guard_);
  if (closed_) return;
  closed_ = what.kind == notice_kind::closed;
  if (may_be_many(what.kind)) {
    auto& count = since_pulse_[static_cast<std::size_t>(what.kind)];
    if (count.told == told_one_by_one) {
      ++count.left_out;
      return;
    }
    ++count.told;
  }
  hand_over(std::move(what));
}

void notice_board::pulse() {
  const std::scoped_lock lock(guard_);
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    const auto left_out = std::exchange(since_pulse_[kind], {}).left_out;
    if (left_out == 0 || closed_) continue;
    notice sum;
    sum.kind = static_cast<notice_kind>(kind);
    sum.text = "and " + std::to_string(left_out) + " more of this kind, not told one by one";
    hand_over(std::move(sum));
  }
}

void notice_board::hand_over(notice&& what) noexcept {
  what.time = std::chrono::time_point_cast<std::chrono::system_clock::duration>(clock_.now());
  const runtime_thread_mark mark;
  try {
    who_(what);
  } catch (const std::exception&) {
    // A listener that throws breaks its promise; there is nobody else to tell.
  }
}

}  // namespace host
}  // namespace quipu
