/// Command ids: UUID version 7.
#pragma once

#include <quipu/result.hpp>

namespace quipu::host {

/// 48 bits of milliseconds, 12 bits of what is below them, 62 random bits. Greater than every id that this
/// thread made before. Any thread; no lock, no system call but the clock's.
command_id make_command_id();

/// Microseconds since the Unix epoch.
std::int64_t unix_time_us();

}  // namespace quipu::host
