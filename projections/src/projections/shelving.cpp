// What is done with generations as a whole: looked at from outside, and removed.
#include "projections/description.hpp"
#include "projections/letters.hpp"
#include "projections/shelf.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace quipu::projecting {

result<kept_generation_facts> shelf::facts_of(const std::string& projection, std::uint32_t number) {
  const auto home = of(projection);
  kept_generation_facts facts{.number = number,
                              .unpromoted = home.unpromoted(number),
                              .holder = home.holder(number),
                              .paused = home.paused(number),
                              .failed = home.failed(number)};
  std::lock_guard lock(mutex_);
  const auto known = open_.find({projection, number});
  std::shared_ptr<const opened_store> store = known == open_.end() ? nullptr : known->second.store.lock();
  const bool ours = store != nullptr;
  bool whole = ours && known->second.whole;
  if (!ours) {
    auto opened = open_to_read(home.directory_of(number), nullptr);
    if (!opened) return std::unexpected(opened.error());
    store = std::move(*opened);
  }
  const auto description = described_by(*store, projection);
  if (!description) return std::unexpected(description.error());
  // With the author's tables; and not kept open, for a generation that somebody has open is not removed.
  if (!ours && *description) {
    store.reset();
    auto opened = open_to_read(home.directory_of(number), description->get());
    if (!opened) return std::unexpected(opened.error());
    store = std::move(*opened);
    whole = true;
  }
  committed_rows rows(*store);
  try {
    const auto where = load_progress(*store, rows, 0);
    if (!where) return std::unexpected(where.error());
    facts.version = store->binding.projection_version;
    facts.incarnation = store->binding.incarnation;
    facts.position = where->at.position;
    facts.time =
        std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(where->at.time_us));
    facts.dead_letters = rows.count(letters_table);
    facts.skipped = rows.count(skips_table);
    std::error_code error;
    const auto size = std::filesystem::file_size(home.directory_of(number) / "data.mdb", error);
    if (!error) facts.bytes = size;
    if (const auto row = rows.get(meta_table, counts_key)) {
      if (const auto counts = row_in<counts_row>(*row))
        facts.since_made = {counts->applied, counts->passed, counts->duplicates, counts->retries};
    }
    if (*description) facts.reaction = (*description)->sends_commands;
    if (*description && whole) {
      const auto& tables = (*description)->tables;
      facts.rows.emplace();
      for (std::uint32_t i = 0; i < tables.size(); ++i)
        if (!tables[i].further) facts.rows->emplace_back(tables[i].name, rows.count(own_tables + i));
    }
  } catch (const port::row_trouble& trouble) {
    return std::unexpected(trouble.why);
  }
  return facts;
}

result<kept_projection> shelf::look_at_all(std::string_view projection) {
  const auto home = of(projection);
  const auto live = home.live();
  if (!live) return std::unexpected(live.error());
  const auto all = home.all();
  if (!all) return std::unexpected(all.error());
  if (all->empty())
    return fail(error_code::projection_not_kept, "there is no read model of projection " +
                                                     std::string(projection) + " in " + directory_.string());
  kept_projection out{.name = std::string(projection), .generations = {}};
  for (const auto number : *all) {
    auto facts = facts_of(out.name, number);
    if (facts) {
      out.generations.push_back(std::move(*facts));
    } else {
      out.generations.push_back({.number = number,
                                 .unpromoted = home.unpromoted(number),
                                 .holder = home.holder(number),
                                 .trouble = facts.error().text});
    }
    out.generations.back().live = number == *live;
  }
  return out;
}

result<removed_generations> shelf::remove_old(std::string_view projection, std::uint32_t keep,
                                              std::uint32_t previous) {
  std::lock_guard lock(mutex_);
  const auto home = of(projection);
  home.sweep();
  const auto live = home.live();
  if (!live) return std::unexpected(live.error());
  auto all = home.all();
  if (!all) return std::unexpected(all.error());
  removed_generations done;
  // Without a live one nobody knows what is old.
  if (*live == 0) return done;
  std::erase(*all, *live);
  const auto rank = [&](std::uint32_t number) {
    return home.unpromoted(number) ? 2 : number == previous ? 0 : 1;
  };
  std::ranges::sort(*all, [&](std::uint32_t a, std::uint32_t b) {
    return std::pair(rank(a), -static_cast<std::int64_t>(a)) <
           std::pair(rank(b), -static_cast<std::int64_t>(b));
  });
  reading_.erase(std::string(projection));
  for (const auto number : *all) {
    if (rank(number) != 2 && keep > 0) {
      --keep;
      continue;
    }
    if (auto gone = home.remove(number); gone)
      done.removed.push_back(number);
    else
      done.left.emplace_back(number, gone.error().text);
  }
  return done;
}

}  // namespace quipu::projecting
