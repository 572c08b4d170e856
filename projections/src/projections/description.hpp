/// What a read model says of itself, so that programs without its projection can read its rows.
#pragma once

#include "projections/store.hpp"

#include <quipu/projections/projection_type.hpp>

#include <memory>
#include <string>

namespace quipu::projecting {

/// The row of meta that says it.
std::string description_of(const port::projection_type& what);

/// The projection as the store describes it: its tables, by their numbers, and no events; nobody can apply any. Null: the
/// store was made by a Quipu that did not describe them, and nobody has kept it since.
result<std::unique_ptr<const port::projection_type>> described_by(const opened_store& store,
                                                                  std::string name);

}  // namespace quipu::projecting
