/// How far the live generation of a projection is behind its journal.
#pragma once

#include <chrono>
#include <cstdint>
#include <quipu/journal/journal.hpp>
#include <quipu/projections/kept_projection.hpp>
#include <quipu/projections/projection_status.hpp>

namespace quipu::tool {

struct distance {
  record_number head = 0;    ///< the journal's last record
  std::uint64_t events = 0;  ///< an estimate from the records between and what the next ones hold
  std::chrono::milliseconds time{0};
  backlog_word backlog = backlog_word::ok;
};

/// Reads a few records behind the projection's position, and the journal's end.
journal::result<distance> distance_of(journal::journal& from, const kept_generation_facts& live);

}  // namespace quipu::tool
