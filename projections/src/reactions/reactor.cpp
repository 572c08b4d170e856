#include <quipu/reactions/reactor.hpp>

#include "projections/letters.hpp"
#include "projections/shelf.hpp"
#include "projections/wishes.hpp"
#include "reactions/courier.hpp"
#include "reactions/dead_commands.hpp"
#include "reactions/first_look.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace quipu {

using projecting::applying;
using projecting::projector_thread;

namespace {

/// The tables that every reaction has.
class outbox final : public port::reaction_type {
 public:
  explicit outbox(std::string_view reaction) { name = reaction; }
  void react(std::uint32_t, bytes_view, const envelope&, commands&) const override {}
};

/// Dead events and dead commands, by event.
std::vector<dead_letter> together(std::vector<dead_letter> events, std::vector<dead_letter> commands,
                                  const event_key& from, std::size_t limit) {
  auto list = std::move(events);
  std::ranges::move(commands, std::back_inserter(list));
  const auto place = [](const dead_letter& one) {
    return projecting::letter_key(one.event.category, one.event.key, one.event.sequence);
  };
  if (!from.category.empty()) {
    const auto first = projecting::letter_key(from.category, from.key, from.sequence);
    std::erase_if(list, [&](const dead_letter& one) { return place(one) < first; });
  }
  std::ranges::stable_sort(list, {}, place);
  if (list.size() > limit) list.resize(limit);
  return list;
}

}  // namespace

struct reactor::parts {
  parts(const port::reaction_type& what, runtime& on, const reactor_options& how)
      : journal(on.journal()), filled(what), sender(what, filled, on, how) {}
  ~parts() {
    sender.stop();
    follower.reset();
  }

  journal::result<released> retry(const event_key& event);
  journal::result<released> retry_all();
  journal::result<released> skip(const event_key& event, std::string_view reason);

  const std::shared_ptr<journal::journal> journal;
  reacting::filling filled;
  reacting::courier sender;
  projector_thread* thread = nullptr;  ///< the follower's
  std::unique_ptr<projector> follower;
  std::mutex life;
};

reactor::reactor(std::unique_ptr<parts> all) : parts_(std::move(all)) {}
reactor::~reactor() = default;

journal::result<std::unique_ptr<reactor>> reactor::open(const port::reaction_type& what, read_models& in,
                                                        runtime& on, const reactor_options& how) {
  auto all = std::make_unique<parts>(what, on, how);
  auto kept = in.shelf_->live_to_keep(all->filled, *all->journal);
  if (!kept) return std::unexpected(kept.error());
  const auto begin = reacting::begin_of(what, *kept->store, *all->journal, how.begin);
  if (!begin) return std::unexpected(begin.error());
  all->filled.begin_after(*begin);
  auto thread = std::make_unique<projector_thread>(
      std::move(*kept), how.follow,
      projecting::attendant{
          [&sender = all->sender] { return sender.has_room(); }, [&sender = all->sender] { sender.poke(); },
          [keeper = all.get()](const letter_wish& wish) { return projecting::granted(wish, *keeper); }});
  all->thread = thread.get();
  all->sender.work_with(*thread);
  all->follower = std::make_unique<projector>(std::move(thread));
  std::unique_ptr<reactor> made(new reactor(std::move(all)));
  made->start();
  return made;
}

void reactor::start() {
  std::lock_guard life(parts_->life);
  parts_->sender.stop();
  parts_->sender.start();
  parts_->follower->start();
}

void reactor::stop() {
  std::lock_guard life(parts_->life);
  parts_->sender.stop();
  parts_->follower->stop();
}

journal::result<void> reactor::pause(std::string_view reason) {
  auto done = parts_->follower->pause(reason);
  parts_->sender.wait_for_pause();
  return done;
}

journal::result<void> reactor::resume() {
  auto done = parts_->follower->resume();
  parts_->sender.poke();
  return done;
}

journal::result<void> reactor::wait_for(position at, std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  if (auto followed = parts_->follower->wait_for(at, timeout); !followed) return followed;
  return parts_->sender.wait_for(at, until);
}

reaction_status reactor::status() { return parts_->sender.status(); }

journal::result<std::vector<dead_letter>> reactor::dead_letters(const event_key& from, std::size_t limit) {
  auto list = parts_->follower->dead_letters(from, limit);
  if (!list) return list;
  auto commands = parts_->thread->call([](applying& work) -> journal::result<std::vector<dead_letter>> {
    return reacting::dead_commands(work.rows());
  });
  if (!commands) return commands;
  return together(std::move(*list), std::move(*commands), from, limit);
}

journal::result<std::vector<dead_letter>> dead_letters_of(read_models& in, std::string_view reaction,
                                                          const event_key& from, std::size_t limit) {
  const auto live = in.live(reaction);
  if (!live) return std::unexpected(live.error());
  auto list = in.dead_letters(reaction, from, limit);
  if (!list) return list;
  const auto rows = in.look_at(outbox(reaction), *live);
  if (!rows) return std::unexpected(rows.error());
  auto commands = projecting::guarded([&] { return reacting::dead_commands(**rows); });
  if (!commands) return commands;
  return together(std::move(*list), std::move(*commands), from, limit);
}

journal::result<std::vector<skipped_event>> reactor::skipped() { return parts_->follower->skipped(); }

journal::result<released> reactor::retry(const event_key& event) { return parts_->retry(event); }
journal::result<released> reactor::retry_all() { return parts_->retry_all(); }
journal::result<released> reactor::skip(const event_key& event, std::string_view reason) {
  return parts_->skip(event, reason);
}

journal::result<released> reactor::parts::retry(const event_key& event) {
  auto of_event = follower->retry(event);
  if (of_event || of_event.error().code != error_code::projection_no_letter) {
    sender.poke();
    return of_event;
  }
  const auto count =
      thread->call([&](applying& work) { return reacting::release(work.rows(), event, false); });
  if (!count) return std::unexpected(count.error());
  sender.reload();
  return released{*count, 0};
}

journal::result<released> reactor::parts::retry_all() {
  auto events = follower->retry_all();
  if (!events) return events;
  const auto count = thread->call(
      [](applying& work) -> journal::result<std::uint64_t> { return reacting::release_all(work.rows()); });
  if (!count) return std::unexpected(count.error());
  sender.reload();
  events->applied += *count;
  return events;
}

journal::result<released> reactor::parts::skip(const event_key& event, std::string_view reason) {
  auto of_event = follower->skip(event, reason);
  if (of_event || of_event.error().code != error_code::projection_no_letter) {
    sender.poke();
    return of_event;
  }
  const auto count = thread->call([&](applying& work) -> journal::result<std::uint64_t> {
    auto gone = reacting::release(work.rows(), event, true);
    if (gone)
      work.keep_skips({{event, std::string(reason),
                        dead_letter::time_point(std::chrono::microseconds(projecting::now_us()))}});
    return gone;
  });
  if (!count) return std::unexpected(count.error());
  sender.reload();
  return released{*count, 0};
}

}  // namespace quipu
