/// What of one directory's read models is open in this process: LMDB wants each environment opened once.
#pragma once

#include "projections/generations.hpp"
#include "projections/kept_generation.hpp"
#include "projections/store.hpp"

#include <quipu/projections/read_models.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace quipu::projecting {

/// Thread-safe.
class shelf {
 public:
  explicit shelf(std::filesystem::path directory) : directory_(std::move(directory)) {}

  generations of(std::string_view projection) const { return {directory_, projection}; }

  result<kept_generation> live_to_keep(const port::projection_type& what, journal::journal& from);
  /// A new one.
  result<kept_generation> fresh_to_keep(const port::projection_type& what, journal::journal& from);
  struct begun {
    kept_generation kept;
    bool resumed = false;
  };
  /// The newest one that was never live, and a new one where there is none that can be gone on with. `anew`: the others are
  /// removed instead.
  result<begun> unfinished_to_keep(const port::projection_type& what, journal::journal& from, bool anew);
  /// `patience`: for readers in this process, who opened it for themselves. New ones wait meanwhile.
  result<kept_generation> old_to_keep(const port::projection_type& what, journal::journal& from,
                                      std::uint32_t number,
                                      std::chrono::milliseconds patience = std::chrono::seconds(1));
  /// A snapshot of the live one.
  result<std::unique_ptr<port::rows>> look_at(const port::projection_type& what);
  /// The same of a generation.
  result<std::unique_ptr<port::row_snapshot>> look_at(const port::projection_type& what,
                                                      std::uint32_t number);
  /// By what the store of a generation says. Null: it says nothing.
  result<std::unique_ptr<const port::projection_type>> described(std::string_view projection,
                                                                 std::uint32_t number);
  /// Of the live one, whatever its version; also beside a holder in another process.
  result<std::vector<dead_letter>> dead_letters(std::string_view projection, const event_key& from,
                                                std::size_t limit);
  result<std::uint64_t> dead_letter_count(std::string_view projection);
  result<std::vector<skipped_event>> skipped(std::string_view projection);
  /// The live one, whatever version it is of; nothing: none is. Tables that it does not have are `missing`.
  struct live_one {
    std::uint32_t number = 0;
    std::shared_ptr<const opened_store> store;
  };
  result<std::optional<live_one>> live_of(const port::projection_type& what);
  result<kept_projection> look_at_all(std::string_view projection);
  result<removed_generations> remove_old(std::string_view projection, std::uint32_t keep,
                                         std::uint32_t previous);
  /// As read_models::ask_keeper().
  result<released> ask_keeper(std::string_view projection, const letter_wish& wish,
                              std::chrono::milliseconds patience, const std::function<bool()>& look) const;
  const std::filesystem::path& directory() const { return directory_; }
  result<void> promote(const port::projection_type& what, std::uint32_t generation, const promotion& how);

 private:
  using place = std::pair<std::string, std::uint32_t>;
  struct open_one {
    std::weak_ptr<opened_store> store;
    std::weak_ptr<const void> kept;
    bool to_keep = false;  ///< open for writing
    bool whole = false;    ///< with the author's tables
  };
  result<kept_generation> keep(const port::projection_type& what, journal::journal& from,
                               std::uint32_t number, expected_store expected,
                               std::chrono::milliseconds patience = std::chrono::seconds(1));
  template <class F>
  auto look_inside(std::string_view projection, F look) -> result<std::invoke_result_t<F&, committed_rows&>>;
  result<kept_generation> make_fresh(const port::projection_type& what, journal::journal& from);
  /// What is open already, or opened for reading. `any_version`: maybe without the author's tables.
  result<std::shared_ptr<const opened_store>> store_of(const port::projection_type& what,
                                                       std::uint32_t number, bool any_version);
  /// What is open already, or opened to look at its own tables alone; mutex_ is held.
  result<std::shared_ptr<const opened_store>> own_tables_of(std::string_view projection,
                                                            std::uint32_t number);
  result<kept_generation_facts> facts_of(const std::string& projection, std::uint32_t number);

  const std::filesystem::path directory_;
  std::mutex mutex_;
  std::map<place, open_one> open_;
  /// Opened for readers alone, and kept for the next one: of each projection the last.
  std::map<std::string, std::shared_ptr<opened_store>> reading_;
};

}  // namespace quipu::projecting
