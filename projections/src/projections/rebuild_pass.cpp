#include "projections/rebuild_pass.hpp"

#include "projections/comparing.hpp"
#include "projections/letters.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace quipu::projecting {

using namespace std::chrono_literals;

namespace {

constexpr auto look_every = 100ms;

/// Nobody commits to it while this lives.
struct standing_still {
  explicit standing_still(const std::filesystem::path& generation)
      : turns(generation), alone(turns.alone()) {}
  commit_turns turns;
  commit_turns::turn alone;
};

}  // namespace

result<void> rebuild_pass::add(kept_generation kept, bool resumed,
                               const std::vector<skipped_event>& skipped) {
  const auto name = "projection " + kept.what->name;
  all_.push_back(std::make_unique<made>(
      std::move(kept), how_.how, [this](std::chrono::milliseconds time) { return wait(time); }, resumed));
  auto begun = all_.back()->writer.begin(skipped);
  if (!begun) return within(name, begun.error());
  return {};
}

std::vector<rebuild_state> rebuild_pass::states() const {
  std::vector<rebuild_state> list;
  for (const auto& one : all_) {
    const auto counts = one->writer.counts();
    list.push_back({.name = one->what().name,
                    .version = one->what().version,
                    .generation = one->writer.kept().number,
                    .resumed = one->resumed,
                    .position = one->writer.where().at.position,
                    .applied = counts.applied,
                    .passed = counts.passed,
                    .duplicates = counts.duplicates,
                    .retries = counts.retries,
                    .dead_letters = one->writer.letters()});
  }
  return list;
}

bool rebuild_pass::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [&] { return stopping_; });
}

void rebuild_pass::fail_with(const made* of, failure why) {
  std::lock_guard lock(mutex_);
  if (!trouble_) {
    if (of != nullptr) why.text = "projection " + of->what().name + ": " + why.text;
    trouble_ = std::move(why);
  }
  stopping_ = true;
  changed_.notify_all();
}

void rebuild_pass::work(made& one, record_number goal, record_stream& stream, std::size_t taker) {
  bool sound = true;
  while (const auto records = stream.next(taker)) {
    for (const auto& record : *records) {
      if (record.stored.number > goal) break;
      auto taken = one.writer.take(record);
      if (!taken) fail_with(&one, taken.error());
      sound = taken && *taken == applying::outcome::done;
      if (!sound) break;
      if (record.stored.number > one.at) {
        one.at = record.stored.number;
        one.events += record.view.event_count();
      }
    }
    if (!sound) break;
  }
  if (sound) {
    if (auto done = one.writer.commit(); !done) fail_with(&one, done.error());
  }
  std::lock_guard lock(mutex_);
  --working_;
  changed_.notify_all();
}

result<rebuild_end> rebuild_pass::advance(const std::vector<record_number>& goals, const rebuild_look& look) {
  std::vector<std::size_t> behind;
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (all_[i]->record() < goals[i]) behind.push_back(i);
  if (behind.empty()) return rebuild_end::reached;
  const auto record_of = [&](std::size_t i) { return all_[i]->record(); };
  const auto least = std::ranges::min(behind, {}, record_of);
  const auto last = std::ranges::max(behind, {}, [&](std::size_t i) { return goals[i]; });
  rebuild_progress progress{.begun = record_of(least), .at = record_of(least), .goal = goals[last]};
  if (progress.begun == 0 && how_.from > 0) progress.begun = how_.from - 1;

  trouble_.reset();
  stopping_ = false;
  working_ = behind.size();
  bool interrupted = false;
  const auto begun = std::chrono::steady_clock::now();
  record_stream stream(from_,
                       {.from = all_[least]->writer.where(),
                        .first = how_.from,
                        .last = goals[last],
                        .patience = how_.journal_patience},
                       behind.size());
  std::vector<std::thread> threads;
  for (std::size_t taker = 0; taker < behind.size(); ++taker) {
    auto& one = *all_[behind[taker]];
    one.at = one.record();
    one.events = 0;
    threads.emplace_back(
        [this, &one, &stream, taker, goal = goals[behind[taker]]] { work(one, goal, stream, taker); });
  }
  for (bool over = false; !over;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, look_every, [&] { return working_ == 0 || stopping_; });
      over = working_ == 0 || stopping_;
    }
    progress.at = ~record_number{0};
    for (const auto i : behind) {
      progress.at = std::min<record_number>(progress.at, all_[i]->at);
      progress.events = std::max<std::uint64_t>(progress.events, all_[i]->events);
    }
    progress.time = std::chrono::steady_clock::now() - begun;
    progress.waiting = stream.waiting();
    if (look && !look(progress) && !over) over = interrupted = true;
  }
  {
    std::lock_guard lock(mutex_);
    stopping_ = stopping_ || interrupted;
    changed_.notify_all();
  }
  if (stopping_) stream.stop();
  for (auto& thread : threads) thread.join();

  if (trouble_) return std::unexpected(*trouble_);
  if (auto why = stream.trouble()) return std::unexpected(std::move(*why));
  if (interrupted) return rebuild_end::interrupted;
  for (const auto i : behind) {
    if (stream.at_end() && all_[i]->record() > stream.at())
      return fail(
          error_code::projection_journal_shorter,
          "projection " + all_[i]->what().name + ": the journal ends with record " +
              std::to_string(stream.at()) + ", before record " + std::to_string(all_[i]->record()) +
              ", which was applied: records were lost, or an older copy was restored; rebuild it anew "
              "once the journal is sound");
  }
  return rebuild_end::reached;
}

result<rebuild_end> rebuild_pass::up_to(record_number last, const rebuild_look& look) {
  return advance(std::vector<record_number>(all_.size(), last), look);
}

/// Where the live one stands; 0 where there is none, or none of this journal.
result<record_number> rebuild_pass::live_goal(const made& one) {
  const auto live = live_->live_of(one.what());
  if (!live) return std::unexpected(live.error());
  if (!*live || (*live)->store->binding.incarnation != from_.about().incarnation) return 0;
  const auto where = load_progress(*(*live)->store, 0);
  if (!where) return std::unexpected(where.error());
  return where->at.position.record();
}

result<rebuild_end> rebuild_pass::up_to_live(const rebuild_look& look) {
  std::vector<record_number> goals;
  for (const auto& one : all_) {
    const auto goal = live_goal(*one);
    if (!goal) return within("projection " + one->what().name, goal.error());
    goals.push_back(*goal);
  }
  return advance(goals, look);
}

result<std::optional<comparison>> rebuild_pass::compare(std::size_t index, std::size_t first,
                                                        const rebuild_look& look) {
  auto& one = *all_[index];
  const auto& kept = one.writer.kept();
  const auto name = "projection " + one.what().name;
  auto opened = live_->live_of(one.what());
  if (!opened) return within(name, opened.error());
  if (!*opened)
    return fail(error_code::projection_not_kept, name + " has no live generation to compare with");
  const auto& store = *(*opened)->store;
  if (auto sound = check_journal(store, from_.about()); !sound) return within(name, sound.error());
  // First without its snapshot, for the way may be long: pages that somebody sees are not used again. Then the rest.
  for (const bool with_snapshot : {false, true}) {
    committed_rows live(store);
    const auto where = load_progress(store, live, 0);
    if (!where) return within(name, where.error());
    const auto goal = where->at.position;
    if (!with_snapshot) live.release();
    std::vector<record_number> goals(all_.size(), 0);
    goals[index] = goal.record();
    auto moved = advance(goals, look);
    if (!moved) return std::unexpected(moved.error());
    if (*moved == rebuild_end::interrupted) return std::nullopt;
    if (!with_snapshot) continue;
    if (one.record() != goal.record())
      return fail(
          error_code::projection_past_live,
          name + ": generation " + std::to_string(kept.number) + " is at record " +
              std::to_string(one.record()) + " and the live one at record " + std::to_string(goal.record()) +
              ": rows are compared at one position; make a new one (--fresh), or compare what is made "
              "apart (--dry-run)");
    try {
      committed_rows rows(*kept.store);
      auto out = compare_rows(one.what(), *kept.store, rows, store, live, first);
      out.live = (*opened)->number;
      out.live_version = store.binding.projection_version;
      out.position = goal;
      return out;
    } catch (const port::row_trouble& trouble) {
      return within(name, trouble.why);
    }
  }
  return std::nullopt;
}

result<rebuild_end> rebuild_pass::promote(const rebuild_look& look) {
  if (!how_.apart.empty())
    return fail(error_code::projection_not_promotable, "rows that were made apart can't be promoted");
  const auto end = from_.summarize();
  if (!end) return std::unexpected(end.error());
  auto near = up_to(end->last, look);
  if (!near || *near == rebuild_end::interrupted) return near;

  // In the order of their names: two who do this at once do not wait for each other.
  std::vector<std::size_t> order(all_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return all_[i]->what().name; });
  std::vector<std::unique_ptr<standing_still>> standing;
  for (const auto i : order) {
    const auto& home = all_[i]->writer.kept().home;
    for (;;) {
      const auto live = home.live();
      if (!live) return std::unexpected(live.error());
      if (*live == 0 || *live == all_[i]->writer.kept().number) break;
      auto still = std::make_unique<standing_still>(home.directory_of(*live));
      if (const auto now = home.live(); !now || *now != *live) continue;  // somebody else promoted another
      standing.push_back(std::move(still));
      break;
    }
  }
  auto level = up_to_live(look);
  if (!level || *level == rebuild_end::interrupted) return level;
  for (const auto i : order) {
    const auto& kept = all_[i]->writer.kept();
    if (auto named = kept.home.make_live(kept.number); !named)
      return within("projection " + kept.what->name, named.error());
  }
  return rebuild_end::reached;
}

result<std::vector<std::pair<std::string, std::uint64_t>>> rebuild_pass::row_counts(std::size_t index) const {
  const auto& kept = all_[index]->writer.kept();
  std::vector<std::pair<std::string, std::uint64_t>> list;
  committed_rows rows(*kept.store);
  try {
    for (std::uint32_t i = 0; i < kept.what->tables.size(); ++i)
      if (!kept.what->tables[i].further)
        list.emplace_back(kept.what->tables[i].name, rows.count(own_tables + i));
  } catch (const port::row_trouble& trouble) {
    return std::unexpected(trouble.why);
  }
  return list;
}

result<std::vector<dead_letter>> rebuild_pass::dead_letters(std::size_t index, std::size_t limit) const {
  committed_rows rows(*all_[index]->writer.kept().store);
  return guarded([&] { return letters_in(rows, {}, limit); });
}

}  // namespace quipu::projecting
