#include "owner.hpp"

#include "describe.hpp"
#include "world.hpp"

#include <algorithm>

namespace quipu::simulation {

owner::owner(world& around, std::uint32_t number, std::uint32_t node, const version& program)
    : world_(around), number_(number), node_(node) {
  const auto& rules = world_.rules();
  for (const std::string category : {"cord", "knot"})
    types_.push_back(std::make_unique<model_type>(
        category, program.fingerprint, program.chokes, rules.window,
        category == "cord" ? program.time_to_live : std::chrono::microseconds(0)));
  for (core::partition_id id = 0; id < rules.partitions; ++id) {
    core::partition_config config;
    config.id = id;
    config.journal = world_.log().about();
    config.opening = world_.chance().next();
    config.owner = "owner " + std::to_string(number);
    for (const auto& type : types_) config.entities.push_back(type.get());
    config.limits = rules.limits;
    config.snapshots = rules.snapshots;
    config.tail_budget = rules.tail_budget;
    config.retry_quarantined = program.retry_quarantined;
    seats_.push_back(std::make_unique<seat>(std::move(config), number));
  }
  for (auto& where : seats_) {
    const auto kept = world_.store(node_).open(where->id);
    if (alive_) step(*where, core::input::start{*kept});
  }
}

owner::~owner() { *listening_ = false; }

core::time_us owner::now() const { return world_.now() + skew; }

const port::entity_type* owner::type_of(std::string_view category) const {
  for (const auto& type : types_)
    if (type->category == category) return type.get();
  return nullptr;
}

void owner::step(seat& where, core::any_input input) {
  const bool was_tick = std::holds_alternative<core::input::tick>(input);
  world_.say([&] { return "> " + where_text(number_, where.id) + " " + describe(input); });
  auto& inside = world_.clients().inside_of({number_, where.id});
  const auto before = inside;
  where.wall = now();
  where.clock = std::max(where.clock, where.wall);
  where.core.step(std::move(input), {where.clock, where.wall}, where.out);
  world_.say([&] { return describe(where.out, where.core.phase()); });
  const auto done_commands = where.out.done_commands;
  const auto done_bytes = where.out.done_bytes;
  carry_out(where);
  if (!alive_) return;
  where.out.answers.clear();
  // Invariant 4: credits are given back once a command, when the partition is done with it.
  if (before.commands - inside.commands != done_commands || before.bytes - inside.bytes != done_bytes)
    world_.found().report("4: credits", where_text(number_, where.id) + " gave back " +
                                            std::to_string(done_commands) + " commands of " +
                                            std::to_string(done_bytes) + " bytes, and was done with " +
                                            std::to_string(before.commands - inside.commands) + " of " +
                                            std::to_string(before.bytes - inside.bytes));
  check_rest(where, was_tick);
}

// In the order of the members of core::effects, with a chance to die before each.
void owner::carry_out(seat& where) {
  auto& out = where.out;
  auto& store = world_.store(node_);
  const auto dies = [this] {
    if (alive_ && world_.dies_here()) {
      world_.say([&] { return "! " + std::to_string(number_) + " dies between two effects"; });
      alive_ = false;
    }
    return !alive_;
  };
  for (const auto& one : out.discards) {
    if (dies()) return;
    while (!writes_.empty()) checked_write(1);  // in order
    (void)store.discard(where.id,
                        one.category ? std::optional<std::string_view>(*one.category) : std::nullopt);
  }
  if (dies() || !journal_effects(where)) return;
  if (out.replay) {
    where.replay = world_.log().read(out.replay->from, where.id);
    where.replay_pass = out.replay->pass;
  }
  for (auto& one : out.loads) where.loads.push_back(one);
  for (auto& one : out.rebuilds) where.rebuilds.push_back({one, world_.log().read(1, where.id)});
  if (dies()) return;
  if (out.snapshots) {
    if (std::exchange(where.writing, true))
      world_.found().report("9: snapshots", "two groups of a partition on their way");
    writes_.push_back(std::move(*out.snapshots));
  }
  for (auto& one : out.answers) {
    if (dies()) return;
    one.give();
  }
  where.wake_at = out.wake_at;
}

// Invariant 3: one request at the journal at a time. Invariant 7: in one place, only one record may be on its
// way.
bool owner::journal_effects(seat& where) {
  auto& out = where.out;
  auto& log = world_.log();
  const int wanted = int{out.read_tail} + int{out.append.has_value()} + int{out.successor.has_value()};
  if (wanted == 0) return true;
  if (wanted > 1 || where.asked != 0)
    world_.found().report("3: one batch in flight",
                          where_text(number_, where.id) + " asked the journal twice at once");
  ++where.asked;
  log.act_as(number_);
  auto* here = &where;
  const auto mailed = [here, listening = listening_](auto input) {
    if (*listening) here->mail.push_back(std::move(input));
  };
  if (out.read_tail)
    log.tail(where.id, [mailed](core::record_result r) { mailed(core::input::tail_read{std::move(r)}); });
  if (out.successor)
    log.successor(where.id, out.successor->tail,
                  [mailed](core::record_result r) { mailed(core::input::successor_read{std::move(r)}); });
  if (out.append) {
    world_.sent(where.id, out.append->record);
    const auto& record = *out.append->record;
    if (where.in_flight && where.in_flight_at == out.append->expected && *where.in_flight != record) {
      const auto view = journal::record_view::decode(record);
      if (view && !view->is_claim() && world_.rules().refusals == 0)
        world_.found().report("7: unknown outcomes", where_text(number_, where.id) +
                                                         " sent two different batches to the same place");
    }
    where.in_flight = out.append->record;
    where.in_flight_at = out.append->expected;
    log.append(where.id, out.append->expected, out.append->record,
               [mailed](journal::append_result r) { mailed(core::input::append_settled{std::move(r)}); });
  }
  return true;
}

void owner::deliver(seat& where) {
  auto input = std::move(where.mail.front());
  where.mail.pop_front();
  if (std::holds_alternative<core::input::snapshots_stored>(input))
    where.writing = false;
  else if (!std::holds_alternative<core::input::loaded>(input))
    --where.asked;
  step(where, std::move(input));
}

void owner::read_snapshot(seat& where) {
  const auto which = world_.chance().below(where.loads.size());
  const auto wanted = where.loads[which];
  where.loads.erase(where.loads.begin() + which);
  core::input::loaded read{wanted.category, wanted.key,
                           world_.store(node_).load(where.id, wanted.category, wanted.key)};
  if (world_.strikes(world_.rules().failed_loads))
    read.image = journal::fail(error_code::storage_failed, "the disk is not answering");
  where.mail.push_back(std::move(read));
}

void owner::feed_replay(seat& where) {
  if (world_.strikes(world_.rules().failed_replays)) {
    where.replay.reset();
    return step(where, core::input::replay_failed{{error_code::server_connection, "the network is gone"}});
  }
  core::input::replayed fed;
  fed.pass = where.replay_pass;
  for (auto wanted = world_.chance().between(1, 4); wanted > 0; --wanted) {
    auto next = where.replay->next();
    if (!next || !*next) break;
    fed.records.push_back(std::move(**next));
  }
  step(where, std::move(fed));
}

void owner::feed_rebuild(seat& where) {
  if (world_.strikes(world_.rules().failed_replays)) {
    where.rebuilds.clear();  // the input does not say which: it is for all of them
    return step(where, core::input::replay_failed{{error_code::server_connection, "the network is gone"}});
  }
  auto& scan = where.rebuilds.front();
  core::input::history fed{scan.what.category, scan.what.key, {}, false};
  for (auto wanted = world_.chance().between(1, 6); wanted > 0 && !fed.complete; --wanted) {
    auto next = scan.cursor->next();
    if (!next || !*next) {
      fed.complete = true;
      break;
    }
    const auto view = journal::record_view::decode((*next)->data);
    bool of_it = false;
    for (std::uint32_t i = 0; view && i < view->commit_count(); ++i) {
      const auto commit = view->commit_at(i);
      of_it |= commit.key == scan.what.key && commit.category == scan.what.category;
    }
    if (of_it) fed.records.push_back(std::move(**next));
  }
  if (fed.complete) where.rebuilds.pop_front();
  step(where, std::move(fed));
}

void owner::write_snapshots() {
  // The host writes the groups of several partitions in one transaction.
  checked_write(1 + world_.chance().below(writes_.size()));
}

void owner::checked_write(std::size_t groups) {
  std::vector<core::snapshot_group> together(
      std::make_move_iterator(writes_.begin()),
      std::make_move_iterator(writes_.begin() + static_cast<std::ptrdiff_t>(groups)));
  writes_.erase(writes_.begin(), writes_.begin() + static_cast<std::ptrdiff_t>(groups));
  journal::result<void> result;
  if (world_.strikes(world_.rules().failed_writes)) {
    result = journal::fail(error_code::storage_failed, "the disk is full");
  } else {
    result = world_.store(node_).write(together);
    for (const auto& group : together) world_.check_store(node_, group.partition, number_);
  }
  for (const auto& group : together)
    for (auto& where : seats_)
      if (where->id == group.partition) where->mail.push_back(core::input::snapshots_stored{result});
}

void owner::tick(seat& where) { step(where, core::input::tick{}); }

// Liveness, and invariant 5: whatever waits, waits for somebody or for a time, and is told when its deadline
// passes.
void owner::check_rest(seat& where, bool was_tick) {
  const auto place = where_text(number_, where.id);
  if (was_tick)
    for (const auto& of : world_.clients().attempts())
      if (!of.told && of.seat == seat_name{number_, where.id} && of.deadline_us != 0 &&
          of.deadline_us <= where.clock)
        world_.found().report("5: deadlines",
                              place + " did not tell " + world_.clients().describe(of) + " in time");
  where.idle_ticks =
      was_tick && where.wake_at != 0 && where.wake_at <= where.clock ? where.idle_ticks + 1 : 0;
  if (where.idle_ticks > 8)
    world_.found().report("liveness",
                          place + " wants to be woken at once, again and again, and does nothing");
  if (where.waits_for_others() || where.wake_at != 0) return;
  const auto status = where.core.status();
  const auto& inside = world_.clients().inside_of({number_, where.id});
  if (status.queued != inside.commands)
    world_.found().report("4: bounds", place + " counts " + std::to_string(status.queued) +
                                           " commands, and has " + std::to_string(inside.commands));
  if (status.queued != 0)
    world_.found().report("liveness", place + " waits for nothing, and has " + std::to_string(status.queued) +
                                          " commands unanswered");
  const auto phase = where.core.phase();
  if (phase != core::phase::serving && !where.over())
    world_.found().report("liveness", place + " waits for nothing while " + std::string(name_of(phase)));
}

}  // namespace quipu::simulation
