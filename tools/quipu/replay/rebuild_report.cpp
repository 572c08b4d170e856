#include "replay/rebuild_report.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace quipu::tool {
namespace {

struct figures {
  std::optional<double> events_per_second;  ///< nothing: it has only just begun
  double share = 1;
  std::optional<double> seconds_left;
  std::uint64_t records_left = 0;
  std::uint64_t events_left = 0;  ///< from the records that are left and how many events one had so far
};

figures figures_of(const rebuild_progress& now) {
  figures out;
  const auto done = static_cast<double>(now.at - std::min(now.at, now.begun));
  const auto all = static_cast<double>(now.goal - std::min(now.goal, now.begun));
  out.records_left = now.goal - std::min(now.goal, now.at);
  if (all > 0) out.share = std::min(1.0, done / all);
  const double seconds = now.time.count();
  const bool tells = seconds >= 0.2;
  if (tells) out.events_per_second = static_cast<double>(now.events) / seconds;
  if (done > 0) {
    if (tells) out.seconds_left = (all - done) * seconds / done;
    out.events_left = static_cast<std::uint64_t>(static_cast<double>(now.events) / done *
                                                 static_cast<double>(out.records_left));
  }
  return out;
}

std::string whole(double number) { return std::to_string(static_cast<std::uint64_t>(std::llround(number))); }

}  // namespace

std::string progress_text(const rebuild_progress& now) {
  if (!now.waiting.empty())
    return "waiting at record " + std::to_string(now.at) + ": " + printable(now.waiting);
  const auto figures = figures_of(now);
  return whole(std::floor(figures.share * 100)) + " %, at record " + std::to_string(now.at) + " of " +
         std::to_string(now.goal) + " (about " + std::to_string(figures.events_left) + " events behind)" +
         (figures.events_per_second ? ", " + whole(*figures.events_per_second) + " events/s" : "") +
         (figures.seconds_left ? ", " + whole(std::ceil(*figures.seconds_left)) + " s left" : "");
}

json progress_object(const rebuild_progress& now) {
  const auto figures = figures_of(now);
  json progress{{"record", now.at},
                {"goal", now.goal},
                {"share", figures.share},
                {"events", now.events},
                {"events_per_second", nullptr},
                {"seconds_left", nullptr},
                {"lag_events", figures.events_left}};
  if (figures.events_per_second) progress["events_per_second"] = std::llround(*figures.events_per_second);
  if (figures.seconds_left) progress["seconds_left"] = std::round(*figures.seconds_left * 10) / 10;
  if (!now.waiting.empty()) progress["waiting"] = valid_utf8(now.waiting);
  return {{"progress", std::move(progress)}};
}

rebuild_report::rebuild_report(bool as_json, bool asked, output& out)
    : as_json_(as_json),
      renewed_(!as_json && ::isatty(STDERR_FILENO) == 1),
      wanted_(asked || renewed_),
      out_(out) {}

void rebuild_report::show(const rebuild_progress& now) {
  if (!wanted_) return;
  if (clock::now() < next_) return;
  using namespace std::chrono_literals;
  next_ = clock::now() + (renewed_ ? 250ms : 1000ms);
  if (as_json_) {
    out_.line(line_of(progress_object(now)));
    out_.flush();
    return;
  }
  const auto text = progress_text(now);
  const std::string line = renewed_ ? "\r\x1b[K" + text : "quipu: " + text + "\n";
  [[maybe_unused]] const auto wrote = ::write(STDERR_FILENO, line.data(), line.size());
  shown_ = renewed_;
}

void rebuild_report::clear() {
  if (!std::exchange(shown_, false)) return;
  [[maybe_unused]] const auto wrote = ::write(STDERR_FILENO, "\r\x1b[K", 4);
}

}  // namespace quipu::tool
