#include "host/notice_log.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace quipu::host {
namespace {

struct place_in_log {
  log_level level = log_level::info;
  std::string_view component;
};

// What mends itself warns; what does not is an error. A partition that serves is one of many: the node says it for all.
place_in_log place_of(notice_kind kind) {
  switch (kind) {
    case notice_kind::recovered:
      return {log_level::debug, "partition"};
    case notice_kind::opened:
    case notice_kind::closed:
      return {log_level::info, "node"};
    case notice_kind::journal_back:
      return {log_level::info, "journal"};
    case notice_kind::overload_over:
      return {log_level::info, "admission"};
    case notice_kind::overloaded:
      return {log_level::warning, "admission"};
    case notice_kind::journal_lost:
      return {log_level::warning, "journal"};
    case notice_kind::rebuilt:
    case notice_kind::snapshot_failed:
      return {log_level::warning, "snapshots"};
    case notice_kind::superseded:
    case notice_kind::failed:
      return {log_level::error, "partition"};
    case notice_kind::quarantined:
      return {log_level::error, "domain"};
  }
  return {log_level::warning, "node"};
}

bool has_figures(notice_kind kind) { return kind == notice_kind::opened || kind == notice_kind::recovered; }

void say(const log::logger& into, const notice& what) {
  const auto [level, component] = place_of(what.kind);
  if (!into.wants(level)) return;
  std::vector<log_field> fields{{"notice", std::string(name_of(what.kind))}};
  if (what.partition) fields.push_back({"partition", std::int64_t{*what.partition}});
  if (has_figures(what.kind)) fields.push_back({"events", static_cast<std::int64_t>(what.events)});
  if (has_figures(what.kind) || what.kind == notice_kind::closed)
    fields.push_back({"took_ms", std::int64_t{what.took.count()}});
  into.say(level, component, what.text, std::move(fields));
}

}  // namespace

listener logged(log::logger into, listener then) {
  if (!into.wants(log_level::error)) return then;
  return [log = std::move(into), next = std::move(then)](const notice& what) {
    say(log, what);
    if (next) next(what);
  };
}

}  // namespace quipu::host
