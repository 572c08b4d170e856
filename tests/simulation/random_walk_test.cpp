// 20 000 schedules a run, a quarter of them under sanitizers; QUIPU_SEED begins elsewhere.
#include "walk.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

namespace quipu::simulation {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t schedules_a_run = 5'000;
#else
constexpr std::uint64_t schedules_a_run = 20'000;
#endif

TEST(simulation, random_walk) {
  walk_options how{.schedules = schedules_a_run, .seed = 1};
  if (const char* seed = std::getenv("QUIPU_SEED")) how.seed = std::stoull(seed);
  if (const char* schedules = std::getenv("QUIPU_SCHEDULES")) how.schedules = std::stoull(schedules);
  catch_crashes(false);
  const auto figures = walk(how, std::cout);
  std::cout << figures.text() << "\n";
  EXPECT_EQ(figures.failed, 0U) << "see above for the seed and its transcript";
}

}  // namespace
}  // namespace quipu::simulation
