/// The read models of one directory: keep them up to date, read them, rebuild and promote them.
///
///     quipu::read_models models{"./data"};
///     auto follower = models.follow<balances>(*rt->journal());          // its own thread, until it is destroyed
///     (*follower)->wait_for(answer->position, 1s);                      // read your own write
///     auto ada = models.read<balances>([](const balances::tables& t) { return t.get<balances::accounts>("ada"); });
///
/// Whoever keeps the live generation goes over to another one that is promoted, by this process or any other, within a
/// moment; also when it is paused or has failed, and back again. It lets its own go first. Pause, dead letters and position
/// are then the new one's. While somebody else has the new one, the process that promotes it or another projector of this
/// one, it is `waiting` and names the holder; its pause() and resume() are about the live one then, and what works on dead
/// letters is `locked`. One that this program can't keep, of another version, makes it `failed`, with nothing written to
/// either, until one that it can keep is live. A rebuild's projector stays with its generation until that is promoted.
///
/// On disk: DIRECTORY/read-models/PROJECTION/GENERATION/, an LMDB environment each, and beside the generations the file
/// `live` that says which one is read.
#pragma once

#include <quipu/projections/kept_projection.hpp>
#include <quipu/projections/projection.hpp>
#include <quipu/projections/projector.hpp>
#include <quipu/projections/rebuild.hpp>
#include <quipu/projections/rows.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace quipu {

namespace projecting {
class shelf;
}
class reactor;

struct promotion {
  std::chrono::milliseconds patience = std::chrono::seconds(5);  ///< for it to catch up with the live one
  /// Although it is behind: readers go back. For when the journal itself was cut back.
  bool backward = false;
};

/// What remove_old() did.
struct removed_generations {
  std::vector<std::uint32_t> removed;
  std::vector<std::pair<std::uint32_t, std::string>> left;  ///< because somebody keeps or reads them: why
};

/// One object a process and directory. Thread-safe. Projectors and rows that are being read keep what they need beyond it.
class read_models {
 public:
  explicit read_models(std::filesystem::path directory);
  ~read_models();
  read_models(const read_models&) = delete;
  read_models& operator=(const read_models&) = delete;

  /// Keeps the live generation of P, made and live at once where there is none. Errors: `locked` where another process
  /// keeps it (the text names its pid), `unsupported` where the rows belong to another journal or to another version of
  /// the projection, `corrupt`, `refused`, `not_found` where `live` names a generation that is not there or
  /// there are several and none is live.
  template <class P>
  journal::result<std::unique_ptr<projector>> follow(journal::journal& from,
                                                     const projector_options& how = {}) {
    return follow(projection_type_of<P>(), from, how);
  }
  /// Makes a new generation of P beside the live one, from the start of the journal, with what was skipped in the live one
  /// left out. It becomes what is read with promote().
  template <class P>
  journal::result<std::unique_ptr<projector>> rebuild(journal::journal& from,
                                                      const projector_options& how = rebuilding()) {
    return rebuild(projection_type_of<P>(), from, how);
  }

  /// Readers see this generation from now on: one atomic step, durable when it returns. The live one stands still
  /// meanwhile (in this process or another), until this one has caught up with it; `refused` where it does not in the time
  /// given. `not_found` where there is no such generation.
  template <class P>
  journal::result<void> promote(std::uint32_t generation, const promotion& how = {}) {
    return promote(projection_type_of<P>(), generation, how);
  }
  /// Which one is read; 0: none yet.
  journal::result<std::uint32_t> live(std::string_view projection);
  journal::result<std::vector<std::uint32_t>> generations(std::string_view projection);

  /// Dead letters and skips of the live generation, as projector shows them; also where another process keeps it, and
  /// whatever its version. `not_found` where nobody has kept the projection here yet.
  journal::result<std::vector<dead_letter>> dead_letters(std::string_view projection,
                                                         const event_key& from = {}, std::size_t limit = 100);
  journal::result<std::uint64_t> dead_letter_count(std::string_view projection);
  journal::result<std::vector<skipped_event>> skipped(std::string_view projection);

  /// Lets the process that keeps the live generation, a reaction's too, do it, and waits for what came of it. `look`: about
  /// a hundred times a second, on the caller's thread; false: give up. Errors: those of projector::retry() and skip();
  /// `unavailable` (`projection.unanswered`) where no process keeps it, or it has not begun in time: nothing was done;
  /// and `projection.wish_lost` where it had begun.
  journal::result<released> ask_keeper(std::string_view projection, const letter_wish& wish,
                                       std::chrono::milliseconds patience,
                                       const std::function<bool()>& look = {});

  /// `look(tables)` on the newest committed state of the live generation, the same state for all that it reads, and its
  /// result. Never waits for a writer. Keep it short: the store can't use old pages again meanwhile. `not_found` where
  /// nobody has kept P here yet.
  template <class P, std::invocable<const typename P::tables&> F>
  journal::result<std::invoke_result_t<F, const typename P::tables&>> read(F&& look) {
    static_assert(model::check_projection<P>());
    using R = std::invoke_result_t<F, const typename P::tables&>;
    auto rows = look_at(projection_type_of<P>());
    if (!rows) return std::unexpected(rows.error());
    try {
      const typename P::tables tables(**rows);
      if constexpr (std::is_void_v<R>)
        return std::forward<F>(look)(tables), journal::result<void>{};
      else
        return std::forward<F>(look)(tables);
    } catch (const port::row_trouble& trouble) {
      return std::unexpected(trouble.why);
    } catch (const port::damaged_payload& damage) {
      return journal::fail(error_code::projection_damaged,
                           "a row of projection " + projection_type_of<P>().name +
                               " does not hold: " + damage.what() + "; rebuild it");
    }
  }

  /// Without types: what the templates call.
  journal::result<std::unique_ptr<projector>> follow(const port::projection_type& what,
                                                     journal::journal& from, const projector_options& how);
  journal::result<std::unique_ptr<projector>> rebuild(const port::projection_type& what,
                                                      journal::journal& from, const projector_options& how);
  /// As follow(), but it stands still until start(): for who works on dead letters alone.
  journal::result<std::unique_ptr<projector>> keep(const port::projection_type& what, journal::journal& from,
                                                   const projector_options& how = {});
  journal::result<void> promote(const port::projection_type& what, std::uint32_t generation,
                                const promotion& how);
  /// New generations of several in one pass, as quipu/projections/rebuild.hpp says. Errors: as rebuild(); `locked` where
  /// another process is about it.
  journal::result<std::unique_ptr<quipu::rebuild>> rebuild(std::vector<const port::projection_type*> what,
                                                           journal::journal& from,
                                                           const rebuild_options& how);
  /// An old generation, or a rebuild that was not promoted, to be caught up and promoted.
  journal::result<std::unique_ptr<quipu::rebuild>> reopen(const port::projection_type& what,
                                                          std::uint32_t generation, journal::journal& from,
                                                          const rebuild_options& how);
  /// Makes a generation live as it is, by number: readers may go back. Needs nothing of the projection.
  journal::result<void> promote_backward(std::string_view projection, std::uint32_t generation);

  /// Deletes generations that are not live: rebuilds that were never promoted, and all old ones but the newest `keep`, of
  /// which `previous` is the first.
  journal::result<removed_generations> remove_old(std::string_view projection, std::uint32_t keep,
                                                  std::uint32_t previous = 0);
  /// Names of all that are kept here, in order.
  journal::result<std::vector<std::string>> projections() const;
  /// `not_found` where nobody has kept it here.
  journal::result<kept_projection> kept(std::string_view projection);
  /// Of the live generation, whoever keeps it, as projector::pause() and resume(); seen by it within a moment.
  journal::result<void> pause(std::string_view projection, std::string_view reason);
  journal::result<void> resume(std::string_view projection);

  /// A snapshot of the live generation's rows; read-only, for one thread.
  journal::result<std::unique_ptr<port::rows>> look_at(const port::projection_type& what);
  /// The same of any generation. Tables have the numbers of `what.tables`.
  journal::result<std::unique_ptr<port::row_snapshot>> look_at(const port::projection_type& what,
                                                               std::uint32_t generation);
  /// A projection by what the store of a generation says of it: name, version, tables with their schemas; no events. Null
  /// where it says nothing, for it was kept last by a Quipu that did not write it down.
  journal::result<std::unique_ptr<const port::projection_type>> described(std::string_view projection,
                                                                          std::uint32_t generation);

 private:
  friend class reactor;  // its store is one of this directory
  std::shared_ptr<projecting::shelf> shelf_;
};

}  // namespace quipu
