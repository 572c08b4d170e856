/// How late flights came, by the hour of the day in which they should have left.
#pragma once

#include <quipu/projections/projection.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

#include "airport.hpp"
#include "delay_row.hpp"

namespace samples {

struct delay_by_hour {
  static constexpr std::string_view name = "delay_by_hour";
  static constexpr int version = 1;
  using entities = quipu::types<airport>;
  using events = quipu::types<flights::ArrivedT>;
  using hours = quipu::table<"hours", std::uint8_t, flights::DelayRowT>;
  using tables = quipu::tables<hours>;

  /// 0 to 23; also before 1970.
  static std::uint8_t hour_of(std::int64_t scheduled_min) {
    const std::chrono::minutes scheduled(scheduled_min);
    const auto of_the_day = scheduled - std::chrono::floor<std::chrono::days>(scheduled);
    return static_cast<std::uint8_t>(std::chrono::floor<std::chrono::hours>(of_the_day).count());
  }
  static void on(const flights::ArrivedT& e, const quipu::envelope&, tables& t) {
    t.update<hours>(hour_of(e.scheduled_min), [&](auto& row) { add_delay(row, e.delay_min); });
  }
};

}  // namespace samples
