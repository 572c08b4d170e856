/// Opening a generation, and what it says of itself.
#pragma once

#include "projections/committed_rows.hpp"
#include "projections/follower.hpp"

#include <quipu/journal/journal.hpp>
#include <quipu/projections/projection_type.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace quipu::projecting {

enum class expected_store : std::uint8_t { any, there };

/// For writing. Where `any` store will do it is made and bound to the journal when there is none, or half of one. `projection.not_kept`
/// where it should be there and is not; `projection.other_journal` and `projection.other_version` where the rows are not
/// of this journal or program.
result<std::shared_ptr<opened_store>> open_to_keep(const std::filesystem::path& directory,
                                                   const port::projection_type& what,
                                                   const journal::identity& journal, expected_store expected);
/// Beside a writer in another process. Without `what` any projection's, and only its own tables.
result<std::shared_ptr<opened_store>> open_to_read(const std::filesystem::path& directory,
                                                   const port::projection_type* what);
/// The same of whatever version: tables that it does not have are `missing`.
result<std::shared_ptr<opened_store>> open_any_version(const std::filesystem::path& directory,
                                                       const port::projection_type& what);
/// Whether the rows are this program's: `projection.other_version`, `projection.format`.
result<void> check_version(const opened_store& store, const port::projection_type& what);
/// Whether they were made from this journal: `projection.other_journal`.
result<void> check_journal(const opened_store& store, const journal::identity& journal);
result<progress> load_progress(const opened_store& store, std::uint32_t partitions);
/// The same as of the snapshot that `rows` has, or takes.
result<progress> load_progress(const opened_store& store, committed_rows& rows, std::uint32_t partitions);
/// Nothing: it was made before there were any.
result<std::optional<counts_row>> load_counts(const opened_store& store);

}  // namespace quipu::projecting
