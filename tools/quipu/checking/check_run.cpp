#include "checking/check_run.hpp"

#include <algorithm>

#include "reading/read_ahead.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {

journal::result<record_number> run_check(journal::journal& of, const check_range& range, journal_check& check,
                                         const check_watch& watch) {
  {
    read_ahead records(of, range.first, range.last,
                       [&](const auto& stored, const auto& view) { check.look(stored, view); });
    auto at = range.first == 0 ? 0 : range.first - 1;
    while (!interrupted()) {
      auto chunk = records.next();
      if (!chunk) break;
      for (const auto& [stored, view] : chunk->items) {
        at = stored.number;
        if (!view) {
          check.take_damaged(stored, view.error());
          continue;
        }
        check.take(stored, *view);
        if (watch.record) watch.record(stored, *view);
      }
      if (chunk->broken) return std::unexpected(std::move(*chunk->broken));
      if (chunk->then) {
        check.take_unreadable(chunk->then->first, chunk->then->last, chunk->then->why);
        at = chunk->then->last;
      }
      watch.progress(at);
    }
    if (interrupted()) return std::min(at, range.last == 0 ? 0 : range.last - 1);
  }
  if (range.to_end)
    if (auto sound = check.check_tails(of, range.first, range.last); !sound)
      return std::unexpected(std::move(sound.error()));
  return range.last;
}

}  // namespace quipu::tool
