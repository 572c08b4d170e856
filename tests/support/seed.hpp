/// Where the randomness of tests comes from: each prints its seed, and QUIPU_SEED brings a run back.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace quipu::test {

/// QUIPU_SEED from the environment, else a new one; printed once a process, so that it stands above any
/// failure.
inline std::uint64_t seed() {
  static const std::uint64_t value = [] {
    const char* given = std::getenv("QUIPU_SEED");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
    std::random_device device;
    auto chosen = given != nullptr ? std::strtoull(given, nullptr, 10)
                                   : (static_cast<std::uint64_t>(device()) << 32U) | device();
    std::printf("QUIPU_SEED=%llu\n", static_cast<unsigned long long>(chosen));
    return chosen;
  }();
  return value;
}

/// A generator of one test. `stream` keeps tests apart that share the seed.
inline std::mt19937_64 random_source(std::uint64_t stream = 0) {
  return std::mt19937_64(seed() ^ (stream * 0x9e3779b97f4a7c15ULL));
}

/// Uniform in [low, high].
inline std::uint64_t between(std::mt19937_64& random, std::uint64_t low, std::uint64_t high) {
  return std::uniform_int_distribution<std::uint64_t>(low, high)(random);
}

}  // namespace quipu::test
