/// How many flights left on each route, the busiest first: the top ten are the beginning of a scan.
#pragma once

#include <quipu/projections/descending.hpp>
#include <quipu/projections/projection.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "airport.hpp"
#include "delay_by_route.hpp"
#include "flights_read_models_quipu.hpp"

namespace samples {

struct busiest_routes {
  static constexpr std::string_view name = "busiest_routes";
  static constexpr int version = 1;
  using entities = quipu::types<airport>;
  using events = quipu::types<flights::DepartedT>;

  static quipu::descending<std::uint64_t> most_flown(const flights::RouteRowT& row) {
    return {row.departures};
  }
  using routes = quipu::table<"routes", route, flights::RouteRowT, quipu::by<"flown", most_flown>>;
  using tables = quipu::tables<routes>;

  static void on(const flights::DepartedT& e, const quipu::envelope& from, tables& t) {
    t.update<routes>({std::string(from.key), e.destination}, [](auto& row) { ++row.departures; });
  }
};

}  // namespace samples
