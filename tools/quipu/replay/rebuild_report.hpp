/// How a rebuild is shown while it runs: a line that is renewed on a terminal, objects or lines where they were asked for.
#pragma once

#include <quipu/projections/rebuild.hpp>

#include <chrono>
#include <string>

#include "terminal/printing.hpp"

namespace quipu::tool {

class rebuild_report {
 public:
  /// `asked`: where nobody sits at a terminal too, a line (or, `as_json`, an object on `out`) a second.
  rebuild_report(bool as_json, bool asked, output& out);
  ~rebuild_report() { clear(); }
  rebuild_report(const rebuild_report&) = delete;
  rebuild_report& operator=(const rebuild_report&) = delete;

  void show(const rebuild_progress& now);
  /// Before anything else is written to the terminal.
  void clear();

 private:
  using clock = std::chrono::steady_clock;

  const bool as_json_;
  const bool renewed_;  ///< on a terminal
  const bool wanted_;
  output& out_;
  bool shown_ = false;
  clock::time_point next_ = clock::now();
};

/// What a person reads of a run: `61 %, at record 1220000 of 2000000 (about 3120000 events
/// behind), 812000 events/s, 4 s left`.
std::string progress_text(const rebuild_progress& now);
json progress_object(const rebuild_progress& now);

}  // namespace quipu::tool
