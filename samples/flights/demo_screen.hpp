/// What the demo tells about airports, tables and speed.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "audit.hpp"
#include "highlights.hpp"
#include "terminal.hpp"
#include "worker.hpp"

namespace samples {

/// 7.5 as "7.5 ms", 75 as "75 ms".
std::string milliseconds(double value);

/// What the tables say while the load runs, in lines above the bar.
void print_live(terminal& out, const highlights& now);
/// How far behind each projection was when the worker told last, by name.
void print_lag(terminal& out, const std::map<std::string, worker_followed>& told);

void print_airports(const terminal& out, const airport_states& states);
void print_routes(const terminal& out, const highlights& now);

/// Latencies are sorted.
void print_speed(const terminal& out, double per_second, std::size_t under_way,
                 std::span<const std::uint32_t> latencies_us);

}  // namespace samples
