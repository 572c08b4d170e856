#include <quipu/projections/read_models.hpp>

#include "projections/projector_thread.hpp"
#include "projections/rebuild_pass.hpp"
#include "projections/shelf.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace quipu {

using projecting::applying;
using projecting::projector_thread;

namespace {

std::unique_ptr<projector> started(std::unique_ptr<projector_thread> thread) {
  thread->start();
  return std::make_unique<projector>(std::move(thread));
}

/// For a projector that follows promotions. It tries again, so readers of this process need not wait long for it.
projecting::takeover taking_over(std::shared_ptr<projecting::shelf> shelf, const port::projection_type& what,
                                 journal::journal& from) {
  return [shelf = std::move(shelf), &what, &from](std::uint32_t generation) {
    return shelf->old_to_keep(what, from, generation, std::chrono::milliseconds(50));
  };
}

/// What a new generation leaves out, for the live one does.
journal::result<std::vector<skipped_event>> left_out(projecting::shelf& shelf, std::string_view projection) {
  auto skips = shelf.skipped(projection);
  if (skips) return skips;
  if (const auto live = shelf.of(projection).live(); live && *live == 0) return std::vector<skipped_event>{};
  return projecting::within("what was skipped in the live generation can't be read", skips.error());
}

journal::failure no_such(std::string_view projection, std::uint32_t generation,
                         const std::vector<std::uint32_t>& all) {
  std::string list;
  for (const auto one : all) list += (list.empty() ? "" : ", ") + std::to_string(one);
  return {error_code::projection_not_kept, "projection " + std::string(projection) + " has no generation " +
                                               std::to_string(generation) +
                                               (list.empty() ? ", and no other" : "; there are: " + list)};
}

// Nobody would send what it writes down, or it would be sent twice.
journal::result<void> no_reaction(const port::projection_type& what) {
  if (!what.sends_commands) return {};
  return journal::fail(error_code::projection_reaction,
                       what.name +
                           " is a reaction: it sends commands, so it is neither rebuilt nor replayed; "
                           "quipu::react() opens it");
}

}  // namespace

read_models::read_models(std::filesystem::path directory)
    : shelf_(std::make_shared<projecting::shelf>(std::move(directory))) {}
read_models::~read_models() = default;

journal::result<std::unique_ptr<projector>> read_models::follow(const port::projection_type& what,
                                                                journal::journal& from,
                                                                const projector_options& how) {
  auto kept = keep(what, from, how);
  if (kept) (*kept)->start();
  return kept;
}

journal::result<std::unique_ptr<projector>> read_models::keep(const port::projection_type& what,
                                                              journal::journal& from,
                                                              const projector_options& how) {
  if (auto sound = no_reaction(what); !sound) return std::unexpected(sound.error());
  auto kept = shelf_->live_to_keep(what, from);
  if (!kept) return std::unexpected(kept.error());
  return std::make_unique<projector>(std::make_unique<projector_thread>(
      std::move(*kept), how, projecting::attendant{}, taking_over(shelf_, what, from)));
}

journal::result<std::unique_ptr<projector>> read_models::rebuild(const port::projection_type& what,
                                                                 journal::journal& from,
                                                                 const projector_options& how) {
  if (auto sound = no_reaction(what); !sound) return std::unexpected(sound.error());
  auto skips = left_out(*shelf_, what.name);
  if (!skips) return std::unexpected(skips.error());
  auto kept = shelf_->fresh_to_keep(what, from);
  if (!kept) return std::unexpected(kept.error());
  auto thread = std::make_unique<projector_thread>(std::move(*kept), how, projecting::attendant{},
                                                   taking_over(shelf_, what, from));
  auto taken = thread->call([&](applying& work) { return work.keep_skips(*skips), journal::result<void>{}; });
  if (!taken) return std::unexpected(taken.error());
  return started(std::move(thread));
}

journal::result<void> read_models::promote(const port::projection_type& what, std::uint32_t generation,
                                           const promotion& how) {
  if (auto sound = no_reaction(what); !sound) return sound;
  return shelf_->promote(what, generation, how);
}

journal::result<std::unique_ptr<quipu::rebuild>> read_models::rebuild(
    std::vector<const port::projection_type*> what, journal::journal& from, const rebuild_options& how) {
  // Rows are made apart on a shelf of their own; what was skipped is known on this one.
  const auto place = how.apart.empty() ? shelf_ : std::make_shared<projecting::shelf>(how.apart);
  if (how.from > 0 && how.apart.empty())
    return journal::fail(
        error_code::projection_not_promotable,
        "rows that are to be read are made from the journal's start: --from is for a dry run");
  auto work = std::make_unique<projecting::rebuild_pass>(shelf_, from, how);
  for (const auto* one : what) {
    if (auto sound = no_reaction(*one); !sound) return std::unexpected(sound.error());
    auto skips = left_out(*shelf_, one->name);
    if (!skips) return std::unexpected(skips.error());
    auto begun = place->unfinished_to_keep(*one, from, how.anew);
    if (!begun) return std::unexpected(begun.error());
    if (auto added = work->add(std::move(begun->kept), begun->resumed, *skips); !added)
      return std::unexpected(added.error());
  }
  return std::make_unique<quipu::rebuild>(std::move(work));
}

journal::result<std::unique_ptr<quipu::rebuild>> read_models::reopen(const port::projection_type& what,
                                                                     std::uint32_t generation,
                                                                     journal::journal& from,
                                                                     const rebuild_options& how) {
  if (auto sound = no_reaction(what); !sound) return std::unexpected(sound.error());
  const auto all = shelf_->of(what.name).all();
  if (!all) return std::unexpected(all.error());
  if (std::ranges::find(*all, generation) == all->end())
    return std::unexpected(no_such(what.name, generation, *all));
  auto skips = left_out(*shelf_, what.name);
  if (!skips) return std::unexpected(skips.error());
  auto kept = shelf_->old_to_keep(what, from, generation);
  if (!kept) return std::unexpected(kept.error());
  auto work = std::make_unique<projecting::rebuild_pass>(shelf_, from, how);
  if (auto added = work->add(std::move(*kept), true, *skips); !added) return std::unexpected(added.error());
  return std::make_unique<quipu::rebuild>(std::move(work));
}

journal::result<void> read_models::promote_backward(std::string_view projection, std::uint32_t generation) {
  const auto home = shelf_->of(projection);
  const auto all = home.all();
  if (!all) return std::unexpected(all.error());
  if (std::ranges::find(*all, generation) == all->end())
    return std::unexpected(no_such(projection, generation, *all));
  return home.make_live(generation);
}

journal::result<removed_generations> read_models::remove_old(std::string_view projection, std::uint32_t keep,
                                                             std::uint32_t previous) {
  return shelf_->remove_old(projection, keep, previous);
}

journal::result<std::vector<std::string>> read_models::projections() const {
  std::vector<std::string> names;
  std::error_code error;
  const auto home = shelf_->directory() / "read-models";
  for (auto at = std::filesystem::directory_iterator(home, error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    auto name = at->path().filename().string();
    if (const auto all = shelf_->of(name).all(); all && !all->empty()) names.push_back(std::move(name));
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return journal::fail(error_code::projection_directory, "cannot list " + home.string() + ": " +
                                                               error.message() + "; mend that and try again");
  std::ranges::sort(names);
  return names;
}

journal::result<kept_projection> read_models::kept(std::string_view projection) {
  return shelf_->look_at_all(projection);
}

namespace {
/// `change(home, live generation)`
template <class F>
journal::result<void> of_the_live_one(const projecting::generations& home, std::string_view projection,
                                      F&& change) {
  const auto live = home.live();
  if (!live) return std::unexpected(live.error());
  if (*live == 0)
    return journal::fail(error_code::projection_not_kept,
                         "there is no live read model of projection " + std::string(projection));
  return change(*live);
}
}  // namespace

journal::result<void> read_models::pause(std::string_view projection, std::string_view reason) {
  const auto home = shelf_->of(projection);
  return of_the_live_one(home, projection, [&](std::uint32_t live) { return home.pause(live, reason); });
}

journal::result<void> read_models::resume(std::string_view projection) {
  const auto home = shelf_->of(projection);
  return of_the_live_one(home, projection, [&](std::uint32_t live) { return home.resume(live); });
}

journal::result<std::uint32_t> read_models::live(std::string_view projection) {
  return shelf_->of(projection).live();
}

journal::result<std::vector<std::uint32_t>> read_models::generations(std::string_view projection) {
  return shelf_->of(projection).all();
}

journal::result<std::vector<dead_letter>> read_models::dead_letters(std::string_view projection,
                                                                    const event_key& from,
                                                                    std::size_t limit) {
  return shelf_->dead_letters(projection, from, limit);
}

journal::result<std::uint64_t> read_models::dead_letter_count(std::string_view projection) {
  return shelf_->dead_letter_count(projection);
}

journal::result<std::vector<skipped_event>> read_models::skipped(std::string_view projection) {
  return shelf_->skipped(projection);
}

journal::result<released> read_models::ask_keeper(std::string_view projection, const letter_wish& wish,
                                                  std::chrono::milliseconds patience,
                                                  const std::function<bool()>& look) {
  return shelf_->ask_keeper(projection, wish, patience, look);
}

journal::result<std::unique_ptr<port::rows>> read_models::look_at(const port::projection_type& what) {
  return shelf_->look_at(what);
}

journal::result<std::unique_ptr<port::row_snapshot>> read_models::look_at(const port::projection_type& what,
                                                                          std::uint32_t generation) {
  return shelf_->look_at(what, generation);
}

journal::result<std::unique_ptr<const port::projection_type>> read_models::described(
    std::string_view projection, std::uint32_t generation) {
  return shelf_->described(projection, generation);
}

}  // namespace quipu
