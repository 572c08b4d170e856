#include "plan.hpp"

namespace quipu::simulation {

plan plan_for(random_source& chance) {
  const auto maybe = [&](std::uint32_t schedules, std::uint32_t rate) {
    return chance.one_in(schedules) ? chance.between(rate, rate * 4) : 0;
  };
  plan p;
  p.steps = chance.between(60, 320);
  p.partitions = chance.between(1, 2);
  p.entities = chance.between(1, 6);
  p.nodes = chance.between(1, 3);
  p.most_owners = chance.between(1, p.nodes);
  p.wishes = chance.between(10, 90);
  p.credits = chance.between(1, 24);

  auto& l = p.limits;
  l.commands_per_entity = chance.one_in(2) ? chance.between(1, 6) : 4096;
  l.waiters_per_repeat = chance.between(1, 3);
  l.batch_events = chance.one_in(2) ? chance.between(1, 12) : 16384;
  if (chance.one_in(4)) l.batch_bytes = chance.between(200, 2000);
  l.commit_events = chance.one_in(2) ? 4 : 4096;
  l.reply_bytes = 256;
  l.resident_entities = chance.one_in(2) ? chance.between(1, 4) : 65536;
  l.snapshots_per_group = chance.one_in(2) ? chance.between(1, 3) : 512;
  if (chance.one_in(4)) l.snapshot_group_bytes = chance.between(100, 1000);
  if (chance.one_in(2)) l.settle_within = std::chrono::milliseconds(chance.between(1, 400));
  p.journal_record_bytes = chance.one_in(3) ? chance.between(6000, 9000) : 768 * 1024;
  if (chance.one_in(4)) p.snapshots.every_events = chance.between(1, 8);
  if (chance.one_in(4)) p.snapshots.every = std::chrono::milliseconds(chance.between(1, 200));
  p.tail_budget = chance.one_in(2) ? chance.between(0, 12) : 1000;
  p.window.count = chance.one_in(2) ? chance.between(1, 5) : 128;
  if (chance.one_in(3)) p.window.age = std::chrono::seconds(chance.between(1, 3));

  if (!chance.one_in(5)) {  // one schedule in five knows no faults of the journal
    p.lost_acks = maybe(2, 5);
    p.lost_requests = maybe(2, 6);
    p.late_duplicates = maybe(3, 4);
    p.delayed_requests = maybe(2, 6);
    p.refusals = maybe(4, 5);
    p.unavailable = maybe(3, 6);
  }
  p.crashes = maybe(2, 100);
  p.power_cuts = maybe(2, 2);
  p.journal_losses = maybe(8, 60);
  p.takeovers = maybe(2, 25);
  p.pauses = maybe(3, 25);
  p.clock_jumps = maybe(4, 20);
  p.closings = maybe(4, 60);
  p.failed_writes = maybe(4, 3);
  p.failed_loads = maybe(6, 3);
  p.failed_replays = maybe(16, 20);
  p.hurt_rows = maybe(6, 1);
  p.choking_versions = maybe(6, 1);
  p.new_versions = maybe(6, 2);
  p.deadlines = maybe(3, 2);
  p.old_ids = maybe(4, 4);
  p.stands = chance.one_in(4);
  return p;
}

}  // namespace quipu::simulation
