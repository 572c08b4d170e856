/// A generation that this process keeps.
#pragma once

#include "projections/generations.hpp"
#include "projections/store.hpp"

#include <quipu/journal/journal.hpp>
#include <quipu/projections/projection_type.hpp>

#include <cstdint>
#include <memory>

namespace quipu::projecting {

/// Where it lies and what it is made from.
struct kept_generation {
  const port::projection_type* what;
  journal::journal* from;
  generations home;
  std::uint32_t number;
  std::shared_ptr<opened_store> store;
  std::shared_ptr<const void> hold;  ///< nobody else in this process keeps it while this lives
};

}  // namespace quipu::projecting
