/// Two generations, row by row.
#pragma once

#include "projections/committed_rows.hpp"
#include "projections/failures.hpp"

#include <quipu/projections/projection_type.hpp>
#include <quipu/projections/rebuild.hpp>

#include <cstddef>

namespace quipu::projecting {

/// Both as of their snapshots. At most `first` differences are kept, all are counted. Throws port::row_trouble.
comparison compare_rows(const port::projection_type& what, const opened_store& made_store,
                        committed_rows& made, const opened_store& live_store, committed_rows& live,
                        std::size_t first);

}  // namespace quipu::projecting
