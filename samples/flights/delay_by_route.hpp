/// How late the flights of each route came, and which route lost the most time.
#pragma once

#include <quipu/projections/descending.hpp>
#include <quipu/projections/projection.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "airport.hpp"
#include "delay_row.hpp"

namespace samples {

/// Origin and destination: the routes from one airport lie together.
using route = std::tuple<std::string, std::string>;

struct delay_by_route {
  static constexpr std::string_view name = "delay_by_route";
  static constexpr int version = 1;
  using entities = quipu::types<airport>;
  using events = quipu::types<flights::ArrivedT>;

  static quipu::descending<std::int64_t> most_lost(const flights::DelayRowT& row) {
    return {row.delay_sum_min};
  }
  using routes = quipu::table<"routes", route, flights::DelayRowT, quipu::by<"lost", most_lost>>;
  using tables = quipu::tables<routes>;

  static void on(const flights::ArrivedT& e, const quipu::envelope& from, tables& t) {
    t.update<routes>({e.origin, std::string(from.key)}, [&](auto& row) { add_delay(row, e.delay_min); });
  }
};

}  // namespace samples
