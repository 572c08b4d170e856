#include "demo_screen.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "delay_row.hpp"

namespace samples {
namespace {

template <class... A>
std::string text(const char* format, A... values) {
  char line[160];
  std::snprintf(line, sizeof line, format, values...);  // NOLINT(cppcoreguidelines-pro-type-vararg)
  return line;
}

std::string name_of(const route& which) { return std::get<0>(which) + " → " + std::get<1>(which); }

/// 522 as "8 h 42 min"; negative where all came early.
std::string hours(int minutes) {
  return text("%s%d h %02d min", minutes < 0 ? "-" : "", std::abs(minutes) / 60, std::abs(minutes) % 60);
}

}  // namespace

std::string milliseconds(double value) { return text("%.*f ms", value < 10 ? 1 : 0, value); }

void print_live(terminal& out, const highlights& now) {
  if (!now.worst_route || !now.worst_hour || now.busiest.empty())
    return;  // the first events are on their way
  const auto& [worst, delays] = *now.worst_route;
  const auto& [hour, in_hour] = *now.worst_hour;
  out.line("tables", out.bold(name_of(worst)) + " lost most, " +
                         grouped(static_cast<std::uint64_t>(delays.delay_sum_min)) + " min; worst hour " +
                         out.bold(text("%02d:00", hour)) +
                         text(", %.1f min a flight; busiest ", average_delay_min(in_hour)) +
                         out.bold(name_of(now.busiest[0].which)) + ", " + grouped(now.busiest[0].departures) +
                         " flights");
}

void print_lag(terminal& out, const std::map<std::string, worker_followed>& told) {
  std::string all;
  for (const auto& [name, one] : told)
    all += (all.empty() ? "" : "; ") + name + " " + grouped(one.lag_events) + " events, " +
           grouped(one.lag_ms) +
           " ms: " + (one.backlog == "ok" ? out.good(one.backlog) : out.bad(one.backlog));
  if (!all.empty()) out.line("behind by", all);
}

void print_airports(const terminal& out, const airport_states& states) {
  std::vector<std::pair<std::string_view, const flights::AirportT*>> busiest;
  for (const auto& [code, state] : states) busiest.emplace_back(code, &state);
  std::ranges::sort(busiest, std::greater{}, [](const auto& a) {
    return std::pair(a.second->departures + a.second->arrivals, a.first);
  });
  busiest.resize(std::min<std::size_t>(busiest.size(), 10));
  std::printf("\n  %s\n", out.dim("airport  departures  arrivals  average delay  worst delay").c_str());
  for (const auto& [code, a] : busiest) {
    const double average =
        a->arrivals == 0 ? 0 : static_cast<double>(a->delay_sum_min) / static_cast<double>(a->arrivals);
    std::printf("  %s      %10s  %8s  %9.1f min  %11s\n", out.bold(code).c_str(),
                grouped(a->departures).c_str(), grouped(a->arrivals).c_str(), average,
                hours(a->worst_delay_min).c_str());
  }
}

void print_routes(const terminal& out, const highlights& now) {
  std::printf("\n  %s\n", out.dim("route      departures  arrivals  average delay  worst delay").c_str());
  for (const auto& one : now.busiest) {
    const auto delays = one.delays.value_or(flights::DelayRowT{});
    std::printf("  %s  %10s  %8s  ", out.bold(name_of(one.which)).c_str(), grouped(one.departures).c_str(),
                grouped(delays.arrivals).c_str());
    if (delays.arrivals == 0)
      std::printf("none has arrived\n");
    else
      std::printf("%9.1f min  %11s\n", average_delay_min(delays), hours(delays.worst_delay_min).c_str());
  }
  std::printf("\n");
}

void print_speed(const terminal& out, double per_second, std::size_t under_way,
                 std::span<const std::uint32_t> latencies_us) {
  if (latencies_us.empty()) return;
  const auto quantile = [&](double share) {
    const auto last = static_cast<double>(latencies_us.size() - 1);
    return static_cast<double>(latencies_us[static_cast<std::size_t>(share * last)]) / 1000;
  };
  out.line("speed", out.bold(grouped(static_cast<std::uint64_t>(per_second))) +
                        " commands/s, each durable before its answer; " + grouped(under_way) +
                        " under way; p50 " + milliseconds(quantile(0.5)) + ", p99 " +
                        milliseconds(quantile(0.99)));
}

}  // namespace samples
