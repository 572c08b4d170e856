#include "projector_fixture.hpp"
#include "support/nats_server.hpp"

namespace quipu::test {
namespace {

/// One server for all tests of this process; each test has a journal of its own.
std::string on_a_server(const std::filesystem::path& directory) {
  static nats_server server;
  server.start();
  return server.url(directory.filename().string());
}

std::optional<std::string> missing() {
  auto found = find_nats_build(nats_build::installed);
  return found.program ? std::nullopt : std::optional(found.reason);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(jetstream, following,
                         testing::Values(projected_journal{"nats", on_a_server, missing}),
                         [](const auto& which) { return which.param.name; });

}  // namespace quipu::test
