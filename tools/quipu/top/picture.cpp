#include <quipu/journal/record.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "top/figures.hpp"

namespace quipu::tool {
namespace {

std::string left(std::string text, std::size_t width) {
  text.resize(width, ' ');
  return text;
}
/// Never shortened: a figure without its first digits is another one.
std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string formatted(const char* how, double number) {
  std::array<char, 64> text{};
  const auto length = std::snprintf(text.data(), text.size(), how, number);
  return {text.data(), static_cast<std::size_t>(length)};
}

/// At most six characters: 12345, 123k, 1234M.
std::string count_text(double number) {
  if (number >= 1e7) return formatted("%.0fM", number / 1e6);
  if (number >= 1e5) return formatted("%.0fk", number / 1e3);
  return formatted(number > 0 && number < 10 ? "%.1f" : "%.0f", number);
}

/// At most six characters as well.
std::string time_span(double seconds) {
  if (seconds < 100) return formatted("%.1f s", std::max(0.0, seconds));
  if (seconds < 6000) return formatted("%.0f m", seconds / 60);
  if (seconds < 360'000) return formatted("%.0f h", seconds / 3600);
  return formatted("%.0f d", seconds / 86'400);
}

std::string history_text(const std::deque<double>& history, std::size_t width) {
  constexpr std::string_view heights = " .:-=+*#";
  const auto most = history.empty() ? 0 : *std::ranges::max_element(history);
  std::string out;
  for (std::size_t i = history.size() - std::min(width, history.size()); i < history.size(); ++i) {
    const auto share = most > 0 ? history[i] / most : 0;
    out += heights[static_cast<std::size_t>(std::ceil(share * static_cast<double>(heights.size() - 1)))];
  }
  return out;
}

std::string delay_text(const figures& now) {
  if (!now.delay_p50_ms) return "nothing was committed";
  return "p50 " + formatted("%.0f", *now.delay_p50_ms) + " ms, p99 " + formatted("%.0f", *now.delay_p99_ms) +
         " ms";
}

void add_head(const figures& now, std::size_t columns, std::vector<std::string>& out) {
  out.push_back("quipu top  " + journal::escape_key(now.url));
  out.push_back(time_text(now.time_us).substr(0, 19) + "Z, " + formatted("%.1f", now.seconds) + " s");
  if (!now.trouble.empty()) out.push_back("! " + journal::escape_key(now.trouble));
  out.emplace_back();
  out.push_back("commands " + right(count_text(now.commands_per_second), 9) + " /s");
  const auto events = "events   " + right(count_text(now.events_per_second), 9) + " /s  ";
  out.push_back(events + history_text(now.history, columns - std::min(columns, events.size())));
  out.push_back("bytes  " + right(size_text(static_cast<std::uint64_t>(now.bytes_per_second)), 11) + " /s");
  out.push_back("delay    " + delay_text(now));
}

void add_partitions(const figures& now, std::size_t columns, std::size_t most,
                    std::vector<std::string>& out) {
  const bool wide = columns >= 50;
  out.emplace_back();
  out.push_back(std::string("part  events/s  epoch    last") + (wide ? "  owner" : ""));
  for (const auto& one : now.partitions) {
    if (most-- == 0) break;
    const auto age = static_cast<double>(now.time_us - one.last_us) / 1'000'000;
    out.push_back(right(std::to_string(one.number), 4) + right(count_text(one.events_per_second), 10) +
                  right(std::to_string(one.epoch), 7) +
                  right(one.last_us == 0 ? "never" : time_span(age), 8) +
                  (wide ? "  " + journal::escape_key(one.owner) : ""));
  }
}

void add_projections(const figures& now, std::size_t columns, std::size_t most,
                     std::vector<std::string>& out) {
  const bool wide = columns >= 70;
  const std::size_t name = wide ? 24 : 14;
  out.emplace_back();
  if (now.projections.empty()) {
    out.emplace_back("no projections");
    return;
  }
  out.push_back(left("projection", name) + "  behind     lag" + (wide ? "  events/s" : "") + "  dead" +
                (wide ? "  state" : "  "));
  for (const auto& one : now.projections) {
    if (most-- == 0) break;
    out.push_back(left(journal::escape_key(one.name), name) +
                  right(one.lag_events ? count_text(static_cast<double>(*one.lag_events)) : "-", 8) +
                  right(one.lag_seconds ? time_span(*one.lag_seconds) : "-", 8) +
                  (wide ? right(one.events_per_second ? count_text(*one.events_per_second) : "-", 10) : "") +
                  right(count_text(static_cast<double>(one.dead_letters)), 6) +
                  (wide                  ? "  " + one.state
                   : one.state == "kept" ? ""
                                         : " " + one.state.substr(0, 1)));
  }
}

}  // namespace

std::vector<std::string> picture_of(const figures& now, std::size_t columns, std::size_t rows) {
  columns = std::max<std::size_t>(columns, 20);
  std::vector<std::string> out;
  add_head(now, columns, out);
  // Both tables have two lines of their own. Projections get what they need, up to a half.
  const auto room = rows - std::min(rows, out.size() + 4);
  const auto for_projections =
      now.looks_at_projections ? std::min(now.projections.size(), std::max<std::size_t>(room / 2, 1)) : 0;
  add_partitions(now, columns, std::max<std::size_t>(room - std::min(room, for_projections), 1), out);
  if (now.looks_at_projections) add_projections(now, columns, for_projections, out);
  if (out.size() > rows) out.resize(rows);
  for (auto& line : out) {
    if (line.size() > columns) line.resize(columns);
    line.erase(line.find_last_not_of(' ') + 1);
  }
  return out;
}

json object_of(const figures& now) {
  const auto or_null = [](const auto& value) { return value ? json(*value) : json(nullptr); };
  json out{{"time", time_text(now.time_us)},
           {"seconds", now.seconds},
           {"commands_per_second", now.commands_per_second},
           {"events_per_second", now.events_per_second},
           {"bytes_per_second", now.bytes_per_second},
           {"records_per_second", now.records_per_second},
           {"delay_p50_ms", or_null(now.delay_p50_ms)},
           {"delay_p99_ms", or_null(now.delay_p99_ms)},
           {"partitions", json::array()},
           {"projections", json::array()},
           {"trouble", now.trouble.empty() ? json(nullptr) : json(valid_utf8(now.trouble))}};
  for (const auto& one : now.partitions)
    out["partitions"].push_back({{"partition", one.number},
                                 {"events_per_second", one.events_per_second},
                                 {"epoch", one.epoch},
                                 {"owner", one.owner.empty() ? json(nullptr) : json(valid_utf8(one.owner))},
                                 {"last", one.last_us == 0 ? json(nullptr) : json(time_text(one.last_us))}});
  for (const auto& one : now.projections)
    out["projections"].push_back({{"projection", valid_utf8(one.name)},
                                  {"state", one.state},
                                  {"lag_events", or_null(one.lag_events)},
                                  {"lag_seconds", or_null(one.lag_seconds)},
                                  {"events_per_second", or_null(one.events_per_second)},
                                  {"dead_letters", one.dead_letters}});
  return out;
}

}  // namespace quipu::tool
