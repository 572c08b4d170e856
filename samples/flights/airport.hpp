/// An airport, keyed by its IATA code: what departed, what arrived, and how late.
#pragma once

#include <quipu/decision.hpp>
#include <quipu/port/entity_type.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "flights_quipu.hpp"

namespace samples {

using quipu::emit;
using quipu::reject;

struct airport {
  static constexpr std::string_view category = "airport";
  static constexpr int state_version = 1;
  using state = flights::AirportT;
  using commands = quipu::types<flights::RecordDepartureT, flights::RecordArrivalT>;
  using events = quipu::types<flights::DepartedT, flights::ArrivedT>;
  template <class R = quipu::none>
  using decision = quipu::decision<airport, R>;

  /// A loader that died sends again what had no answer, up to 256 commands, and however much later: see
  /// load.hpp.
  static constexpr quipu::port::repeat_window repeats{.count = 512, .age = std::chrono::days(3650)};

  /// How many movements an airport remembers one by one.
  static constexpr std::size_t remembered = 8;
  /// What the statistics of the Bureau of Transportation count as late.
  static constexpr int late_min = 15;

  static flights::TrafficT traffic(const state& a) {
    return {.departures = a.departures, .arrivals = a.arrivals};
  }

  // The first movement founds the airport: both overloads decide alike.
  static decision<flights::TrafficT> decide(quipu::absent, const flights::RecordDepartureT& c,
                                            const quipu::context& x) {
    return departure(c, x);
  }
  static decision<flights::TrafficT> decide(const state&, const flights::RecordDepartureT& c,
                                            const quipu::context& x) {
    return departure(c, x);
  }
  static decision<flights::TrafficT> decide(quipu::absent, const flights::RecordArrivalT& c,
                                            const quipu::context& x) {
    return arrival(c, x);
  }
  static decision<flights::TrafficT> decide(const state&, const flights::RecordArrivalT& c,
                                            const quipu::context& x) {
    return arrival(c, x);
  }

  static void evolve(state& a, const flights::DepartedT& e) {
    ++a.departures;
    a.distance_mi += e.distance_mi;
    remember(a, {.flight = e.flight, .other = e.destination});
  }
  static void evolve(state& a, const flights::ArrivedT& e) {
    ++a.arrivals;
    a.delay_sum_min += e.delay_min;
    if (e.delay_min >= late_min) ++a.late;
    if (e.delay_min > a.worst_delay_min) {
      a.worst_delay_min = e.delay_min;
      a.worst_flight = e.flight;
    }
    remember(a, {.flight = e.flight, .other = e.origin, .arrival = true, .delay_min = e.delay_min});
  }

 private:
  static bool is_code(std::string_view code) {
    return code.size() == 3 &&
           std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  }
  static decision<flights::TrafficT> departure(const flights::RecordDepartureT& c, const quipu::context& x) {
    if (!is_code(x.key()) || !is_code(c.destination)) return reject("not_an_airport");
    if (c.distance_mi < 0) return reject("distance_negative");
    return emit(flights::DepartedT{.flight = c.flight,
                                   .scheduled_min = c.scheduled_min,
                                   .destination = c.destination,
                                   .distance_mi = c.distance_mi})
        .reply(traffic);
  }
  static decision<flights::TrafficT> arrival(const flights::RecordArrivalT& c, const quipu::context& x) {
    if (!is_code(x.key()) || !is_code(c.origin)) return reject("not_an_airport");
    return emit(flights::ArrivedT{.flight = c.flight,
                                  .origin = c.origin,
                                  .scheduled_min = c.scheduled_min,
                                  .delay_min = c.delay_min})
        .reply(traffic);
  }
  static void remember(state& a, flights::MovementT movement) {
    a.last.push_back(std::make_unique<flights::MovementT>(std::move(movement)));
    if (a.last.size() > remembered) a.last.erase(a.last.begin());
  }
};

}  // namespace samples
