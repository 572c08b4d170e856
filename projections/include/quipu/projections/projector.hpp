/// Follows a journal and keeps one projection's tables: each event takes effect once.
///
/// Rows, position, the marks by entity and the dead letters move in one transaction. Delivery is at least once; an event
/// that comes again, at its old position or copied to a later one, is known by its entity's mark and dropped.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/journal.hpp>
#include <quipu/projections/dead_letter.hpp>
#include <quipu/projections/projection_status.hpp>
#include <quipu/projections/projection_type.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace quipu {

struct projector_options {
  /// A transaction ends after so many events, bytes of changed rows, or so long; and when there are no more events.
  std::uint32_t group_events = 131'072;
  std::uint64_t group_bytes = 16ULL * 1024 * 1024;
  std::chrono::milliseconds group_time{200};
  /// Rows and marks that were used lately stay in memory, up to so much.
  std::uint64_t cache_bytes = 64ULL * 1024 * 1024;
  /// How often an event is tried before it becomes a dead letter, and how long it waits in between: `first_wait`, then
  /// four times as long each time, all of them shortened by chance to no less than a half. After several dead letters in
  /// a row nothing waits: what fails every time is not mended by waiting.
  std::uint32_t attempts = 4;
  std::chrono::milliseconds first_wait{5};
  /// Past either bound the projection stops with an error instead of growing.
  std::uint64_t dead_letters_most = 10'000;
  std::uint64_t dead_letter_bytes_most = 256ULL * 1024 * 1024;
  /// How long it waits before it looks for new events when it has them all, so that what comes meanwhile shares a
  /// transaction. wait_for() makes it look at once.
  std::chrono::milliseconds look_again{20};
};

/// For a generation that nobody reads yet: larger transactions, in which more rows come by twice and are written once.
inline projector_options rebuilding() {
  return {
      .group_events = 1'048'576, .group_bytes = 24ULL * 1024 * 1024, .group_time = std::chrono::seconds(5)};
}

namespace projecting {
class projector_thread;
}

/// One projection on a thread of its own. Made by read_models::follow() and read_models::rebuild(), running. Thread-safe.
/// The journal must outlive it. When another generation is promoted it goes over to that one, as read_models says.
class projector {
 public:
  explicit projector(std::unique_ptr<projecting::projector_thread> thread);
  /// Stops.
  ~projector();
  projector(const projector&) = delete;
  projector& operator=(const projector&) = delete;

  /// Ends the thread; what was not committed is applied again later. start() goes on from the stored position, also after
  /// the projection failed. Both may be called again.
  void stop();
  void start();

  /// Stands still from the next transaction on, until resume(), also when the program is started anew. What went before
  /// stays readable, and dead letters can be worked on. Durable when it returns.
  journal::result<void> pause(std::string_view reason);
  journal::result<void> resume();

  /// Returns when everything up to `at` (an answer's position) can be read: is in the generation that is live. `unavailable` after `timeout`, or at once
  /// when the projection has failed; the text says where it stands.
  journal::result<void> wait_for(position at, std::chrono::milliseconds timeout);

  /// Asks the journal for its end: may wait for a server.
  projection_status status();
  /// The one that it keeps, or kept last.
  std::uint32_t generation() const;

  /// At most `limit` dead letters from this event on, by entity and in their order within it. An empty event: from the
  /// first. Also while it is stopped.
  journal::result<std::vector<dead_letter>> dead_letters(const event_key& from = {}, std::size_t limit = 100);
  journal::result<std::vector<skipped_event>> skipped();
  /// Tries the first dead letter of an entity again, and then those behind it in order, until one fails. `not_found`
  /// where there is no such dead letter, `invalid` where another one of its entity comes before it.
  journal::result<released> retry(const event_key& event);
  /// The same for all entities.
  journal::result<released> retry_all();
  /// Leaves the first dead letter of an entity out for ever, for a reason that is kept; then those behind it are tried in
  /// order.
  journal::result<released> skip(const event_key& event, std::string_view reason);

 private:
  std::unique_ptr<projecting::projector_thread> thread_;
};

}  // namespace quipu
