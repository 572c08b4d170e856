/// Faults as people and programs read them.
#pragma once

#include <cstdint>
#include <string>

#include "checking/fault.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {

/// "record 12 of partition 3, account/a-1@4: event 3 is missing before it [sequence]"
std::string text_of(const fault& one);
json to_json(const fault& one);

/// "2 faults", "1 fault", "no fault"
std::string fault_count(std::uint64_t faults);

}  // namespace quipu::tool
