/// The airports' domain: one value for its programs, its module and tools.
#pragma once

#include <quipu/domain.hpp>

#include "airport.hpp"

namespace samples {

inline quipu::domain flights_domain() { return quipu::domain{"flights", quipu::entities<airport>}; }

}  // namespace samples
