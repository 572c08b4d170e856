// Opens the node in a directory, says so and waits to be killed.
#include <quipu/runtime.hpp>

#include <cstdio>

#include "trial_domain.hpp"

int main(int, char** arguments) {
  auto node = quipu::runtime::open(quipu::test::trial_domain(), {.directory = arguments[1], .partitions = 4});
  const bool answered =
      node && node->ask<quipu::test::counter>("a", trial::AddT{.amount = 1}).get().has_value();
  std::puts(answered ? "open" : "failed");
  std::fflush(stdout);
  return answered ? std::getchar() : 1;
}
