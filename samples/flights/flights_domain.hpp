/// The airports' domain: one value for its programs, its module and tools.
#pragma once

#include <quipu/domain.hpp>

#include "airport.hpp"
#include "busiest_routes.hpp"
#include "delay_by_hour.hpp"
#include "delay_by_route.hpp"

namespace samples {

inline quipu::domain flights_domain() {
  return quipu::domain{"flights", quipu::entities<airport>,
                       quipu::projections<delay_by_route, delay_by_hour, busiest_routes>};
}

}  // namespace samples
