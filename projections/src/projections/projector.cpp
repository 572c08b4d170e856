#include <quipu/projections/projector.hpp>

#include "projections/projector_thread.hpp"

#include <utility>

namespace quipu {

using projecting::applying;

std::string_view name_of(projection_state state) {
  static constexpr std::string_view names[] = {"catching_up", "following", "waiting",
                                               "paused",      "failed",    "stopped"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view name_of(backlog_word word) {
  static constexpr std::string_view names[] = {"ok", "low", "high"};
  return names[static_cast<std::size_t>(word)];
}

backlog_word backlog_of(std::chrono::milliseconds lag) {
  if (lag <= std::chrono::seconds(1)) return backlog_word::ok;
  return lag <= std::chrono::minutes(1) ? backlog_word::low : backlog_word::high;
}

projector::projector(std::unique_ptr<projecting::projector_thread> thread) : thread_(std::move(thread)) {}
projector::~projector() = default;

void projector::stop() { thread_->stop(); }
void projector::start() { thread_->start(); }
journal::result<void> projector::pause(std::string_view reason) { return thread_->pause(reason); }
journal::result<void> projector::resume() { return thread_->resume(); }
journal::result<void> projector::wait_for(position at, std::chrono::milliseconds timeout) {
  return thread_->wait_for(at, timeout);
}
projection_status projector::status() { return thread_->status(); }
std::uint32_t projector::generation() const { return thread_->generation(); }

journal::result<std::vector<dead_letter>> projector::dead_letters(const event_key& from, std::size_t limit) {
  return thread_->call(
      [&](applying& work) -> journal::result<std::vector<dead_letter>> { return work.list(from, limit); });
}

journal::result<std::vector<skipped_event>> projector::skipped() {
  return thread_->call(
      [](applying& work) -> journal::result<std::vector<skipped_event>> { return work.skipped(); });
}

journal::result<released> projector::retry(const event_key& event) { return thread_->retry(event); }
journal::result<released> projector::retry_all() { return thread_->retry_all(); }
journal::result<released> projector::skip(const event_key& event, std::string_view reason) {
  return thread_->skip(event, reason);
}

}  // namespace quipu
