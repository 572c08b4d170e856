#include "highlights.hpp"

#include "busiest_routes.hpp"
#include "delay_by_hour.hpp"

namespace samples {
namespace {

using quipu::journal::result;

/// The first ones in the order of `most_flown`: so many rows are read, however many there are.
result<std::vector<busy_route>> busiest(quipu::read_models& models, std::size_t most) {
  return models.read<busiest_routes>([&](const busiest_routes::tables& t) {
    std::vector<busy_route> found;
    t.scan_by<busiest_routes::routes, "flown">([&](const route& which, const flights::RouteRowT& row) {
      if (found.size() == most) return false;
      found.push_back({which, row.departures, {}});
      return true;
    });
    return found;
  });
}

/// The worst one, and the delays of the busiest ones.
result<void> look_at_routes(quipu::read_models& models, highlights& found) {
  return models.read<delay_by_route>([&](const delay_by_route::tables& t) {
    t.scan_by<delay_by_route::routes, "lost">([&](const route& which, const flights::DelayRowT& row) {
      found.worst_route = {which, row};
      return false;
    });
    for (auto& one : found.busiest) one.delays = t.get<delay_by_route::routes>(one.which);
  });
}

result<void> look_at_hours(quipu::read_models& models, highlights& found) {
  return models.read<delay_by_hour>([&](const delay_by_hour::tables& t) {
    t.scan<delay_by_hour::hours>([&](int hour, const flights::DelayRowT& row) {
      if (!found.worst_hour || row.delay_sum_min > found.worst_hour->second.delay_sum_min)
        found.worst_hour = {hour, row};
    });
  });
}

}  // namespace

std::expected<highlights, std::string> look_at(quipu::read_models& models, std::size_t busiest_most) {
  highlights found;
  auto routes = busiest(models, busiest_most);
  if (!routes) return std::unexpected(routes.error().text);
  found.busiest = std::move(*routes);
  if (const auto read = look_at_routes(models, found); !read) return std::unexpected(read.error().text);
  if (const auto read = look_at_hours(models, found); !read) return std::unexpected(read.error().text);
  return found;
}

}  // namespace samples
