/// Whether the tables are right: equal to what the journal's events add up to.
#pragma once

#include <quipu/projections/read_models.hpp>

#include <expected>
#include <string>
#include <vector>

#include "audit.hpp"

namespace samples {

/// What differs between the tables and the journal, in words, bounded; empty when nothing does. The error, a text for people, is
/// for tables that cannot be read.
std::expected<std::vector<std::string>, std::string> differences(quipu::read_models& models,
                                                                 const journal_sums& journal);

}  // namespace samples
