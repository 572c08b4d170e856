/// What the tables say now: what the demo shows while the load runs, and when it is over.
#pragma once

#include <quipu/projections/read_models.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "delay_by_route.hpp"

namespace samples {

struct busy_route {
  route which;
  std::uint64_t departures = 0;
  std::optional<flights::DelayRowT> delays;  ///< none: no flight of it has arrived yet
};

/// Nothing, where no event has taken effect yet.
struct highlights {
  std::optional<std::pair<route, flights::DelayRowT>> worst_route;  ///< the one that lost the most time
  std::optional<std::pair<int, flights::DelayRowT>> worst_hour;     ///< the same for the hours of the day
  std::vector<busy_route> busiest;                                  ///< by departures, the most first
};

/// Each projection as of its own newest transaction. Also from another process than the one that keeps them. An error is a
/// text for people.
std::expected<highlights, std::string> look_at(quipu::read_models& models, std::size_t busiest_most);

}  // namespace samples
