/// What the disk says of a projection, for processes that do not keep it.
#pragma once

#include <quipu/journal/id.hpp>
#include <quipu/journal/position.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quipu {

struct kept_generation_facts {
  std::uint32_t number = 0;
  bool live = false;
  bool unpromoted = false;  ///< a rebuild, under way or done, that was never live
  std::uint32_t version = 0;
  id128 incarnation;  ///< of the journal that it follows
  quipu::position position;
  std::chrono::sys_time<std::chrono::microseconds>
      time;  ///< of the last event in effect; meaningless before the first
  std::uint64_t dead_letters = 0;
  std::uint64_t skipped = 0;
  std::uint64_t bytes = 0;  ///< of its file
  /// By table, in the author's order. Nothing where the store does not describe them: an older Quipu kept it last.
  std::optional<std::vector<std::pair<std::string, std::uint64_t>>> rows;
  bool reaction = false;  ///< as far as the store says
  struct counts {
    std::uint64_t applied = 0;
    std::uint64_t passed = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t retries = 0;
  };
  std::optional<counts> since_made;   ///< nothing: nobody counted
  std::optional<std::string> holder;  ///< pid of the process that keeps it
  std::optional<std::string> paused;  ///< why
  std::optional<std::string> failed;  ///< why
  std::string trouble;                ///< why it can't be read; most of the above is missing then
};

struct kept_projection {
  std::string name;
  std::vector<kept_generation_facts> generations;  ///< by number

  /// Null: none is.
  const kept_generation_facts* live() const {
    for (const auto& one : generations)
      if (one.live) return &one;
    return nullptr;
  }
};

}  // namespace quipu
