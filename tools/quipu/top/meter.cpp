#include "top/meter.hpp"

#include <algorithm>
#include <ranges>

namespace quipu::tool {
namespace {

constexpr std::size_t most_delays = 1'000'000;  ///< an interval; more would say the same
constexpr std::size_t remembered = 120;

}  // namespace

meter::meter(const recent_records& before) : all_records_(before.records), all_events_(before.events) {
  for (const auto& [number, one] : before.partitions)
    partitions_[number] = {.number = number,
                           .epoch = one.epoch,
                           .owner = one.claims.empty() ? "" : one.claims.back().owner,
                           .last_us = one.last_us};
}

void meter::count(const journal::stored_record& stored, const journal::record_view& view,
                  std::int64_t now_us) {
  auto& partition = partitions_[stored.partition];
  const auto stamp = view.stamp();
  partition.number = stored.partition;
  partition.epoch = stamp.epoch;
  partition.last_us = stamp.time_us;
  if (view.is_claim()) partition.owner = view.owner();
  partition.events_per_second += view.event_count();
  ++records_;
  ++all_records_;
  bytes_ += stored.data.size();
  events_ += view.event_count();
  all_events_ += view.event_count();
  commands_ += view.commit_count();
  for (std::uint32_t i = 0; i < view.commit_count() && delays_us_.size() < most_delays; ++i)
    delays_us_.push_back(std::max<std::int64_t>(0, now_us - view.commit_at(i).time_us));
}

void meter::take(double seconds, figures& into) {
  const auto rate = [&](auto number) { return static_cast<double>(number) / seconds; };
  into.seconds = seconds;
  into.commands_per_second = rate(commands_);
  into.events_per_second = rate(events_);
  into.bytes_per_second = rate(bytes_);
  into.records_per_second = rate(records_);
  const auto percentile = [&](double share) {
    const auto at =
        delays_us_.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(delays_us_.size() - 1));
    std::ranges::nth_element(delays_us_, at);
    return static_cast<double>(*at) / 1000;
  };
  if (!delays_us_.empty()) {
    into.delay_p50_ms = percentile(0.50);
    into.delay_p99_ms = percentile(0.99);
  }
  for (auto& one : partitions_ | std::views::values) {
    one.events_per_second = rate(one.events_per_second);
    into.partitions.push_back(one);
    one.events_per_second = 0;
  }
  std::ranges::stable_sort(into.partitions, std::ranges::greater(), &partition_figures::events_per_second);
  history_.push_back(into.events_per_second);
  if (history_.size() > remembered) history_.pop_front();
  into.history = history_;
  commands_ = events_ = bytes_ = records_ = 0;
  delays_us_.clear();
}

double meter::events_a_record() const {
  return all_records_ == 0 ? 1 : static_cast<double>(all_events_) / static_cast<double>(all_records_);
}

}  // namespace quipu::tool
