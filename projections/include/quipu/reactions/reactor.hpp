/// Runs a reaction: its commands are sent, each takes effect once, and nothing is forgotten on the way.
///
///     quipu::read_models models{"./data"};
///     auto transfers = quipu::react<samples::transfers>(models, *rt);     // its own threads, until it is destroyed
///     (*transfers)->wait_for(answer->position, 1s);                       // everything that follows from it was answered
///
/// What becomes of a command:
///
///     accepted, now or before                     done
///     rejected                                    its compensation is sent; without one it is counted, and done
///     a compensation that is rejected             a dead letter
///     overloaded, unavailable, closing, outcome   sent again with the same id, after waits that grow, for ever
///     unknown, too late, superseded, no space
///     anything else: quarantined, decide threw,   sent again a few times, then a dead letter
///     too large, not in the domain, …
///
/// Order is kept by target: the next command to an entity goes when the one before it was answered; behind a dead letter
/// they wait. Targets go on beside one another. A compensation joins its target's line when it is due.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/projections/projector.hpp>
#include <quipu/projections/read_models.hpp>
#include <quipu/reactions/reaction.hpp>
#include <quipu/runtime.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace quipu {

/// Where a reaction begins that has no store yet.
enum class reaction_begin : std::uint8_t {
  journal_start,  ///< at the first event. Refused (`reaction.store_lost`) where its commands stand in the journal already
  /// After the journal's last event. Also where its store was lost: what was on its way then is for people to find. Of a
  /// reaction that has a store it has no effect; do not leave it set, for it would hide that a store was lost.
  journal_end,
};

struct reactor_options {
  /// How the journal is followed. `attempts`, `first_wait` and `dead_letters_most` hold for events and for commands.
  projector_options follow{.group_events = 4'096, .group_time = std::chrono::milliseconds(20)};
  /// Waits between two sendings of a command grow up to this.
  std::chrono::milliseconds longest_wait{2'000};
  /// Commands that were sent and are not answered yet. More of them, more of the runtime's admission bounds.
  std::uint32_t in_flight_most = 1'024;
  /// Commands that wait to be sent or answered; past either bound events wait in the journal (by one transaction more or
  /// less), rather than the store growing. Dead letters and what waits behind them have their own bound.
  std::uint32_t outbox_most = 16'384;
  std::uint64_t outbox_bytes_most = 64ULL * 1024 * 1024;
  reaction_begin begin = reaction_begin::journal_start;
};

/// Of a projection's status: `position` is where everything is answered, `dead_letters` counts events and commands, and
/// `waiting` says in its text for whom and why.
struct reaction_status : projection_status {
  std::uint64_t outbox = 0;     ///< commands that are not answered yet, dead letters included
  std::uint64_t in_flight = 0;  ///< of them: sent
  // Since it was opened:
  std::uint64_t accepted = 0;    ///< commands and compensations, repeats included
  std::uint64_t repeats = 0;     ///< of them: had taken effect before
  std::uint64_t rejected = 0;    ///< by their targets
  std::uint64_t unanswered = 0;  ///< of those: had no compensation
};

namespace reacting {
class courier;
}

/// One reaction on two threads of its own: one follows the journal, one sends. Made by quipu::react(), running. Thread-safe.
class reactor {
 public:
  /// See quipu::react().
  static journal::result<std::unique_ptr<reactor>> open(const port::reaction_type& what, read_models& in,
                                                        runtime& on, const reactor_options& how);
  /// Stops.
  ~reactor();
  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;

  /// Sends no more, and forgets what is in flight: it is sent again after start(), and known as a repeat.
  void stop();
  /// Goes on, also after it failed.
  void start();
  /// Sends nothing and follows nothing until resume(), also when the program is started anew. Answers that come are kept.
  /// Durable when it returns.
  journal::result<void> pause(std::string_view reason);
  journal::result<void> resume();

  /// Returns when everything that follows from the events up to `at` was answered, or is a dead letter. Errors as
  /// projector::wait_for() has them.
  journal::result<void> wait_for(position at, std::chrono::milliseconds timeout);
  reaction_status status();

  /// Events whose `on` threw, commands that their target would not take, and what waits behind either; by event. Of commands
  /// dead_letter::target says which. An event that sent two commands may stand here twice.
  journal::result<std::vector<dead_letter>> dead_letters(const event_key& from = {}, std::size_t limit = 100);
  journal::result<std::vector<skipped_event>> skipped();
  /// An event: its `on` is tried again, as projector::retry() does. Its commands: they are on their way again, and so are
  /// those behind them; `applied` says how many were dead. `not_found` where the event is no dead letter and none of its
  /// commands is one, `invalid` where its command waits behind another's.
  journal::result<released> retry(const event_key& event);
  journal::result<released> retry_all();
  /// The event, or all of its dead commands, are left out for ever, for a reason that is kept.
  journal::result<released> skip(const event_key& event, std::string_view reason);

 private:
  struct parts;
  explicit reactor(std::unique_ptr<parts> all);
  std::unique_ptr<parts> parts_;
};

/// As reactor::dead_letters(), of a reaction that somebody else keeps, or nobody.
journal::result<std::vector<dead_letter>> dead_letters_of(read_models& in, std::string_view reaction,
                                                          const event_key& from = {},
                                                          std::size_t limit = 100);

/// Keeps the reaction R in the directory of `in` and sends its commands through `on`, of whose journal it follows. Both must
/// outlive the reactor and stay where they are. Errors: those of read_models::follow(), and `reaction.store_lost`: R has no store here although commands of
/// it stand in the journal, so that another one would not know what is answered. The first opening of a reaction reads the
/// journal once for that.
template <class R>
journal::result<std::unique_ptr<reactor>> react(read_models& in, runtime& on,
                                                const reactor_options& how = {}) {
  return reactor::open(reaction_type_of<R>(), in, on, how);
}

}  // namespace quipu
