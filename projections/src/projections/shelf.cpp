#include "projections/shelf.hpp"

#include "projections/description.hpp"
#include "projections/letters.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include <unistd.h>

namespace quipu::projecting {
namespace {

std::unexpected<failure> fail_for_none(std::string_view projection, const std::filesystem::path& directory) {
  return fail(error_code::projection_not_kept, "there is no read model of projection " +
                                                   std::string(projection) + " in " + directory.string() +
                                                   " yet; follow() makes it");
}

}  // namespace

result<kept_generation> shelf::keep(const port::projection_type& what, journal::journal& from,
                                    std::uint32_t number, expected_store expected,
                                    std::chrono::milliseconds patience) {
  const auto home = of(what.name);
  auto& known = open_[{what.name, number}];
  if (known.kept.lock()) {
    return fail(error_code::projection_locked,
                "projection " + what.name + " (generation " + std::to_string(number) +
                    ") is kept by this process already (pid " + std::to_string(::getpid()) + ")");
  }
  auto store = known.to_keep ? known.store.lock() : nullptr;  // a reader may have it still
  if (store) {
    if (auto sound = check_version(*store, what); !sound) return std::unexpected(sound.error());
    if (auto sound = check_journal(*store, from.about()); !sound) return std::unexpected(sound.error());
  } else {
    reading_.erase(what.name);
    // Somebody may be looking at it this moment.
    for (; patience.count() > 0 && !known.store.expired(); --patience)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (expected == expected_store::there) {
      // Opened for writing it would get this program's tables, whoever made it.
      const auto as_it_is = open_to_read(home.directory_of(number), nullptr);
      if (!as_it_is) return std::unexpected(as_it_is.error());
      if (auto sound = check_version(**as_it_is, what); !sound) return std::unexpected(sound.error());
    }
    auto opened = open_to_keep(home.directory_of(number), what, from.about(), expected);
    if (!opened) return std::unexpected(opened.error());
    store = std::move(*opened);
  }
  const auto hold = std::make_shared<const char>('\0');
  known = {store, hold, true, true};
  return kept_generation{&what, &from, home, number, std::move(store), hold};
}

result<kept_generation> shelf::live_to_keep(const port::projection_type& what, journal::journal& from) {
  std::lock_guard lock(mutex_);
  const auto home = of(what.name);
  const auto live = home.live();
  if (!live) return std::unexpected(live.error());
  if (*live != 0) return keep(what, from, *live, expected_store::there);
  const auto all = home.all();
  if (!all) return std::unexpected(all.error());
  if (!all->empty() && *all != std::vector<std::uint32_t>{1}) {  // a first one may have been interrupted
    std::string names;
    for (const auto number : *all) names += (names.empty() ? "" : ", ") + std::to_string(number);
    return fail(error_code::projection_not_kept, "none of the generations of projection " + what.name +
                                                     " in " + directory_.string() + " (" + names +
                                                     ") is live; promote one of them");
  }
  auto kept = keep(what, from, 1, expected_store::any);
  if (!kept) return kept;
  if (auto named = home.make_live(1); !named) return std::unexpected(named.error());
  return kept;
}

result<kept_generation> shelf::fresh_to_keep(const port::projection_type& what, journal::journal& from) {
  std::lock_guard lock(mutex_);
  return make_fresh(what, from);
}

result<kept_generation> shelf::make_fresh(const port::projection_type& what, journal::journal& from) {
  const auto home = of(what.name);
  const auto all = home.all();
  if (!all) return std::unexpected(all.error());
  const auto number = all->empty() ? 1 : all->back() + 1;
  if (auto marked = home.mark_unpromoted(number); !marked) return std::unexpected(marked.error());
  return keep(what, from, number, expected_store::any);
}

result<shelf::begun> shelf::unfinished_to_keep(const port::projection_type& what, journal::journal& from,
                                               bool anew) {
  std::lock_guard lock(mutex_);
  const auto home = of(what.name);
  home.sweep();
  const auto live = home.live();
  if (!live) return std::unexpected(live.error());
  auto all = home.all();
  if (!all) return std::unexpected(all.error());
  std::erase_if(*all, [&](std::uint32_t number) { return number == *live || !home.unpromoted(number); });
  std::ranges::reverse(*all);
  std::optional<kept_generation> fresh;
  if (anew) {
    // Made before the others go: a number is not used again.
    auto made = make_fresh(what, from);
    if (!made) return std::unexpected(made.error());
    fresh = std::move(*made);
  }
  for (const auto number : *all) {
    const auto about_it = [&](const failure& why) {
      auto error = why;
      if (error.kind == failure_kind::locked)
        error.text = "projection " + what.name + " is being rebuilt already, as generation " +
                     std::to_string(number) + ": " + error.text;
      return std::unexpected(std::move(error));
    };
    if (anew) {
      if (auto gone = home.remove(number); !gone) {
        const auto made = fresh->number;
        fresh.reset();
        open_.erase({what.name, made});
        [[maybe_unused]] const auto undone = home.remove(made);
        return about_it(gone.error());
      }
      continue;
    }
    auto kept = keep(what, from, number, expected_store::any);
    if (kept) return begun{std::move(*kept), true};
    // Rows of another version or journal are of no use to this one; they stay, for somebody may want them.
    if (kept.error().kind != failure_kind::unsupported) return about_it(kept.error());
  }
  if (fresh) return begun{std::move(*fresh), false};
  auto made = make_fresh(what, from);
  if (!made) return std::unexpected(made.error());
  return begun{std::move(*made), false};
}

result<kept_generation> shelf::old_to_keep(const port::projection_type& what, journal::journal& from,
                                           std::uint32_t number, std::chrono::milliseconds patience) {
  std::lock_guard lock(mutex_);
  return keep(what, from, number, expected_store::there, patience);
}

result<std::shared_ptr<const opened_store>> shelf::store_of(const port::projection_type& what,
                                                            std::uint32_t number, bool any_version) {
  std::lock_guard lock(mutex_);
  auto& known = open_[{what.name, number}];
  if (auto store = known.store.lock()) {
    if (any_version) return store;
    if (auto sound = check_version(*store, what); !sound) return std::unexpected(sound.error());
    if (known.whole) return store;
  }
  const auto directory = of(what.name).directory_of(number);
  auto opened = open_to_read(directory, &what);
  const bool whole = opened.has_value();
  if (!whole && any_version) opened = open_any_version(directory, what);
  if (!opened) return std::unexpected(opened.error());
  known = {*opened, {}, false, whole};
  if (whole) reading_[what.name] = *opened;
  return *opened;
}

// The generation is looked up again once the snapshot is taken: what was live both times was live in between, so no
// reader sees a generation that went on after it had been replaced.
result<std::unique_ptr<port::rows>> shelf::look_at(const port::projection_type& what) {
  const auto home = of(what.name);
  for (;;) {
    const auto live = home.live();
    if (!live) return std::unexpected(live.error());
    if (*live == 0) return fail_for_none(what.name, directory_);
    auto store = store_of(what, *live, false);
    if (!store) {
      // It may have been replaced and removed this moment.
      if (const auto now = home.live(); now && *now != *live) continue;
      return std::unexpected(store.error());
    }
    try {
      auto rows = std::make_unique<snapshot>(std::move(*store));
      if (const auto still = home.live(); still && *still == *live) return rows;
    } catch (const port::row_trouble& trouble) {
      return std::unexpected(trouble.why);
    }
  }
}

result<std::unique_ptr<port::row_snapshot>> shelf::look_at(const port::projection_type& what,
                                                           std::uint32_t number) {
  auto store = store_of(what, number, false);
  if (!store) return std::unexpected(store.error());
  return guarded(
      [&]() -> std::unique_ptr<port::row_snapshot> { return std::make_unique<snapshot>(std::move(*store)); });
}

result<std::unique_ptr<const port::projection_type>> shelf::described(std::string_view projection,
                                                                      std::uint32_t number) {
  std::lock_guard lock(mutex_);
  const auto store = own_tables_of(projection, number);
  if (!store) return std::unexpected(store.error());
  return described_by(**store, std::string(projection));
}

result<std::shared_ptr<const opened_store>> shelf::own_tables_of(std::string_view projection,
                                                                 std::uint32_t number) {
  const auto known = open_.find({std::string(projection), number});
  std::shared_ptr<const opened_store> store = known == open_.end() ? nullptr : known->second.store.lock();
  if (store) return store;
  auto opened = open_to_read(of(projection).directory_of(number), nullptr);
  if (!opened) return std::unexpected(opened.error());
  return std::move(*opened);
}

// The lock is held all the time: what is opened here lacks the author's tables, and is no use to anybody else.
template <class F>
auto shelf::look_inside(std::string_view projection, F look)
    -> result<std::invoke_result_t<F&, committed_rows&>> {
  std::lock_guard lock(mutex_);
  const auto home = of(projection);
  const auto live = home.live();
  if (!live) return std::unexpected(live.error());
  if (*live == 0) return fail_for_none(projection, directory_);
  const auto store = own_tables_of(projection, *live);
  if (!store) return std::unexpected(store.error());
  try {
    committed_rows rows(**store);
    return look(rows);
  } catch (const port::row_trouble& trouble) {
    return std::unexpected(trouble.why);
  } catch (const std::exception& damage) {
    return fail(error_code::projection_damaged,
                "projection " + std::string(projection) + ": " + damage.what() + "; rebuild it");
  }
}

result<std::vector<dead_letter>> shelf::dead_letters(std::string_view projection, const event_key& from,
                                                     std::size_t limit) {
  return look_inside(projection, [&](committed_rows& rows) { return letters_in(rows, from, limit); });
}

result<std::uint64_t> shelf::dead_letter_count(std::string_view projection) {
  return look_inside(projection, [](committed_rows& rows) { return rows.count(letters_table); });
}

result<std::vector<skipped_event>> shelf::skipped(std::string_view projection) {
  return look_inside(projection, [](committed_rows& rows) { return skips_in(rows); });
}

result<std::optional<shelf::live_one>> shelf::live_of(const port::projection_type& what) {
  const auto live = of(what.name).live();
  if (!live) return std::unexpected(live.error());
  if (*live == 0) return std::nullopt;
  auto store = store_of(what, *live, true);
  if (!store) return std::unexpected(store.error());
  return live_one{*live, std::move(*store)};
}

result<void> shelf::promote(const port::projection_type& what, std::uint32_t generation,
                            const promotion& how) {
  const auto home = of(what.name);
  const auto until = std::chrono::steady_clock::now() + how.patience;
  const auto live = home.live();
  if (!live) return std::unexpected(live.error());
  if (*live == generation) return {};
  const auto fresh = store_of(what, generation, false);
  if (!fresh) return std::unexpected(fresh.error());
  if (*live == 0) return home.make_live(generation);
  // Of another journal there is no "behind".
  if (how.backward) return home.make_live(generation);
  const auto old = store_of(what, *live, true);
  if (!old) return std::unexpected(old.error());
  if ((*old)->binding.incarnation != (*fresh)->binding.incarnation) return home.make_live(generation);

  const commit_turns turns(home.directory_of(*live));
  const auto alone = turns.alone();
  const auto goal = load_progress(**old, 0);
  if (!goal) return std::unexpected(goal.error());
  for (;;) {
    const auto now = load_progress(**fresh, 0);
    if (!now) return std::unexpected(now.error());
    if (now->at.position >= goal->at.position) return home.make_live(generation);
    if (std::chrono::steady_clock::now() >= until) {
      return fail(error_code::projection_behind,
                  "generation " + std::to_string(generation) + " of projection " + what.name +
                      " is at record " + std::to_string(now->at.position.record()) +
                      " and the live one at record " + std::to_string(goal->at.position.record()) +
                      "; promote it when it has caught up, or backward where the journal was cut back");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace quipu::projecting
