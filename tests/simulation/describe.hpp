/// Inputs and effects as text, for transcripts.
#pragma once

#include "core/effects.hpp"
#include "core/partition.hpp"

#include <string>

namespace quipu::simulation {

std::string where_text(std::uint32_t owner, core::partition_id partition);
std::string describe(const core::any_input& input);
/// One line an effect, each indented by four; phase last.
std::string describe(const core::effects& out, core::phase phase);
std::string describe_record(const bytes& record);

}  // namespace quipu::simulation
