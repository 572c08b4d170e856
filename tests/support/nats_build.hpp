/// Which builds of nats-server there are on this machine.
#pragma once

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace quipu::test {

enum class nats_build : unsigned char {
  installed,  ///< what this machine has: 2.9.10 on Debian 12, 2.10.27 on Debian 13
  bookworm,   ///< 2.9.10: cannot flush before it acks
  trixie,     ///< 2.10.27: sync_interval
  sid,        ///< 2.11 or later: clusters
};

std::string_view to_string(nats_build build);
inline std::ostream& operator<<(std::ostream& out, nats_build build) { return out << to_string(build); }

struct found_nats_build {
  std::optional<std::filesystem::path> program;
  std::string reason;  ///< why there is none, with the cure: for GTEST_SKIP()
};

/// Looks into the directory that the environment variable QUIPU_NATS_SERVERS names (it has SUITE/nats-server),
/// else into build/nats-server, where tools/nats-server puts them; what is installed is the build of the
/// machine's own suite. Downloads nothing. Any thread.
found_nats_build find_nats_build(nats_build build);

/// The same, for those that checked before. Throws std::runtime_error with the reason.
std::filesystem::path require_nats_build(nats_build build);

}  // namespace quipu::test

/// In a test or in SetUp(): skips with the reason when there is no such build here.
#define QUIPU_SKIP_WITHOUT_NATS(build)                                                                       \
  do {                                                                                                       \
    if (auto found_ = ::quipu::test::find_nats_build(build); !found_.program) GTEST_SKIP() << found_.reason; \
  } while (false)
