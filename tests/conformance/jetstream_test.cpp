#include "journal_conformance.hpp"
#include "support/nats_cluster.hpp"
#include "support/nats_server.hpp"

namespace quipu::test {
namespace {

/// One server for all tests of this process; each test has a journal of its own.
template <nats_build build, bool sync_always = false>
std::string on_a_server(const std::filesystem::path& directory) {
  static nats_server server({.build = build, .sync_always = sync_always});
  server.start();
  return server.url(directory.filename().string());
}

std::string on_a_cluster(const std::filesystem::path& directory) {
  static nats_cluster cluster;
  return cluster.url(directory.filename().string());
}

template <nats_build build>
std::optional<std::string> missing() {
  auto found = find_nats_build(build);
  return found.program ? std::nullopt : std::optional(found.reason);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(jetstream, journal_conformance,
                         testing::Values(backend{.name = "nats_installed",
                                                 .url = on_a_server<nats_build::installed>,
                                                 .missing = missing<nats_build::installed>},
                                         backend{.name = "nats_2_10_sync_always",
                                                 .url = on_a_server<nats_build::trixie, true>,
                                                 .missing = missing<nats_build::trixie>},
                                         backend{.name = "nats_cluster",
                                                 .url = on_a_cluster,
                                                 .replicas = 3,
                                                 .missing = missing<nats_build::sid>}),
                         name_of);

}  // namespace quipu::test
