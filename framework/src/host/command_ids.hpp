/// Command ids: UUID version 7.
#pragma once

#include <quipu/result.hpp>

#include <cstdint>

namespace quipu::host {

/// 48 bits of milliseconds, 12 bits of what is below them, 62 random bits. `now_us` is since the Unix epoch; before it
/// counts as at it. Greater than every id that this thread made before, unless the time went back by more than
/// ten minutes since. Any thread; no lock, no system call.
command_id make_command_id(std::int64_t now_us);

}  // namespace quipu::host
