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
  p.window.count = chance.one_in(2) ? chance.between(0, 5) : 128;
  if (chance.one_in(3)) p.window.age = std::chrono::seconds(chance.between(1, 3));

  if (!chance.one_in(5)) {  // one schedule in five knows no faults of the journal
    p.lost_acks = maybe(2, 5);
    p.lost_requests = maybe(2, 6);
    p.late_duplicates = maybe(3, 4);
    p.delayed_requests = maybe(2, 6);
    p.slow_wire = maybe(2, 4);
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
  if (chance.one_in(3)) {
    p.time_to_live = chance.one_in(3) ? std::chrono::milliseconds(chance.between(100, 2000))
                                      : std::chrono::microseconds(chance.between(200, 20'000));
    p.other_lives = maybe(3, 2);
    p.old_rows = maybe(6, 2);
  }
  p.reactions = maybe(3, 1);
  return p;
}

std::string describe(const plan& p) {
  std::string out;
  const auto put = [&](const char* name, std::uint64_t value) {
    if (value != 0) out += std::string(out.empty() ? "" : ", ") + name + " " + std::to_string(value);
  };
  put("steps", p.steps);
  put("partitions", p.partitions);
  put("entities", p.entities);
  put("nodes", p.nodes);
  put("owners", p.most_owners);
  put("credits", p.credits);
  put("commands_per_entity", p.limits.commands_per_entity);
  put("waiters_per_repeat", p.limits.waiters_per_repeat);
  put("batch_events", p.limits.batch_events);
  put("batch_bytes", p.limits.batch_bytes);
  put("commit_events", p.limits.commit_events);
  put("resident_entities", p.limits.resident_entities);
  put("snapshots_per_group", p.limits.snapshots_per_group);
  put("settle_within ms", static_cast<std::uint64_t>(p.limits.settle_within.count()));
  put("record bytes", p.journal_record_bytes);
  put("every_events", p.snapshots.every_events);
  put("every ms", static_cast<std::uint64_t>(p.snapshots.every.count()));
  put("tail_budget", p.tail_budget);
  put("window", p.window.count);
  put("window s", static_cast<std::uint64_t>(p.window.age.count()));
  put("time to live us", static_cast<std::uint64_t>(p.time_to_live.count()));
  put("| one in: lost acks", p.lost_acks);
  put("lost requests", p.lost_requests);
  put("late duplicates", p.late_duplicates);
  put("delayed requests", p.delayed_requests);
  put("slow wire", p.slow_wire);
  put("refusals", p.refusals);
  put("unavailable", p.unavailable);
  put("crashes", p.crashes);
  put("power cuts", p.power_cuts);
  put("journal losses", p.journal_losses);
  put("takeovers", p.takeovers);
  put("pauses", p.pauses);
  put("clock jumps", p.clock_jumps);
  put("closings", p.closings);
  put("failed writes", p.failed_writes);
  put("failed loads", p.failed_loads);
  put("failed replays", p.failed_replays);
  put("hurt rows", p.hurt_rows);
  put("choking versions", p.choking_versions);
  put("new versions", p.new_versions);
  put("old rows", p.old_rows);
  put("other lives", p.other_lives);
  put("deadlines", p.deadlines);
  put("old ids", p.old_ids);
  put("reactions", p.reactions);
  put("clock stands", p.stands ? 1 : 0);
  return out;
}

}  // namespace quipu::simulation
