/// What came of the replay of one projection, as it is printed.
#pragma once

#include <quipu/projections/rebuild.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "terminal/printing.hpp"

namespace quipu::tool {

struct replay_result {
  rebuild_state state;
  bool dry_run = false;
  bool promoted = false;
  std::chrono::duration<double> seconds{0};
  double events_per_second = 0;
  std::vector<std::pair<std::string, std::uint64_t>> rows;  ///< by table
  std::vector<dead_letter> letters;                         ///< the first ones
  std::optional<comparison> compared;                       ///< with the live generation
};

void print_text(const replay_result& of, output& out);
void print_object(const replay_result& of, output& out);

}  // namespace quipu::tool
