/// Several projections made anew in one pass over the journal: what `quipu replay` does, for programs too.
///
///     auto work = models.rebuild({&quipu::projection_type_of<balances>(), &quipu::projection_type_of<statement>()}, journal, {});
///     (*work)->up_to(journal.summarize()->last, [](const quipu::rebuild_progress&) { return !interrupted(); });
///     (*work)->promote(look);
///
/// Each gets a generation of its own beside the live one, which goes on being read and kept. The records are read, decoded
/// and checked once, on a thread ahead of those that apply them, one a projection. An interrupted rebuild, or one whose
/// process was killed, is gone on with by the next one.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/position.hpp>
#include <quipu/projections/dead_letter.hpp>
#include <quipu/projections/projector.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quipu {

namespace projecting {
class rebuild_pass;
}

struct rebuild_options {
  bool anew = false;  ///< drop an unfinished rebuild instead of going on with it
  /// Not empty: rows go here instead of into the read models' own directory, of which nothing is touched. They can't be
  /// promoted. Whoever chose the place removes it.
  std::filesystem::path apart;
  /// Begin with this record; what lies before it counts as if it had never been. Only with `apart`.
  record_number from = 0;
  std::chrono::milliseconds journal_patience = std::chrono::seconds(30);  ///< how long it may be out of reach
  projector_options how = rebuilding();
};

/// How far one run of up_to() or promote() is.
struct rebuild_progress {
  record_number begun = 0;  ///< the first record lies behind this one
  record_number at = 0;     ///< the projection that is furthest behind
  record_number goal = 0;
  std::uint64_t events = 0;               ///< since the run began, of the projection that did most
  std::chrono::duration<double> time{0};  ///< since the run began
  std::string waiting;                    ///< why nothing happens, while the journal is out of reach
};
/// Called about ten times a second, on the caller's thread. False: end the run.
using rebuild_look = std::function<bool(const rebuild_progress&)>;

/// One projection of a rebuild.
struct rebuild_state {
  std::string name;
  std::uint32_t version = 0;
  std::uint32_t generation = 0;
  bool resumed = false;  ///< another rebuild had begun it
  quipu::position position;
  std::uint64_t applied = 0;  ///< this and what follows: since the generation was made
  std::uint64_t passed = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t retries = 0;
  std::uint64_t dead_letters = 0;
};

/// A row that is not the same in both, or only in one of them. JSON by the row's schema, or bytes in hex.
struct row_difference {
  std::string table;
  std::string key;
  std::optional<std::string> made;  ///< by the rebuild
  std::optional<std::string> live;
};

struct comparison {
  std::uint32_t live = 0;          ///< the live generation
  std::uint32_t live_version = 0;  ///< of the projection that made it
  quipu::position position;        ///< of both
  std::uint64_t same = 0;
  std::uint64_t different = 0;
  std::uint64_t only_made = 0;
  std::uint64_t only_live = 0;
  std::vector<row_difference> first;
  bool equal() const { return different + only_made + only_live == 0; }
};

enum class rebuild_end : std::uint8_t { reached, interrupted };

/// Made by read_models::rebuild(), which must outlive it, as must the journal. One thread. After a failure it can be
/// destroyed, and begun again: what was committed stays.
class rebuild {
 public:
  explicit rebuild(std::unique_ptr<projecting::rebuild_pass> work);
  ~rebuild();
  rebuild(const rebuild&) = delete;
  rebuild& operator=(const rebuild&) = delete;

  std::vector<rebuild_state> states() const;

  /// Applies everything up to this record and with it, or to the journal's end where that comes first; committed when it
  /// returns, also when it was interrupted. Errors, with the projection's name: all that a projector fails with, `refused`
  /// for a full disk.
  journal::result<rebuild_end> up_to(record_number last, const rebuild_look& look);

  /// The same, each up to where its live one stands, and no further.
  journal::result<rebuild_end> up_to_live(const rebuild_look& look);
  /// Row by row with the live one, at its position: this one catches up to it first. The live one goes on meanwhile; its rows
  /// are compared as of one commit. At most `first` differences are kept. `refused` where this one is past the live one.
  /// Nothing where it was interrupted.
  journal::result<std::optional<comparison>> compare(std::size_t index, std::size_t first,
                                                     const rebuild_look& look);

  /// Catches up with the journal, then with the live ones, which stand still for that last bit; then readers see these. One
  /// atomic step a projection.
  journal::result<rebuild_end> promote(const rebuild_look& look);

  /// Of the tables in their order, without further keys.
  journal::result<std::vector<std::pair<std::string, std::uint64_t>>> row_counts(std::size_t index) const;
  journal::result<std::vector<dead_letter>> dead_letters(std::size_t index, std::size_t limit) const;

 private:
  std::unique_ptr<projecting::rebuild_pass> work_;
};

}  // namespace quipu
