/// What the delays by route and those by hour have in common.
#pragma once

#include <algorithm>

#include "airport.hpp"
#include "flights_read_models_quipu.hpp"

namespace samples {

/// Counts one arrival. The order in which arrivals are counted does not matter.
inline void add_delay(flights::DelayRowT& row, int delay_min) {
  row.worst_delay_min = row.arrivals == 0 ? delay_min : std::max(row.worst_delay_min, delay_min);
  ++row.arrivals;
  row.delay_sum_min += delay_min;
  if (delay_min >= airport::late_min) ++row.late;
}

/// Of a row with arrivals.
inline double average_delay_min(const flights::DelayRowT& row) {
  return static_cast<double>(row.delay_sum_min) / static_cast<double>(row.arrivals);
}

}  // namespace samples
