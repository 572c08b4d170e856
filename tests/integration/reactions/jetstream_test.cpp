#include "killed_suite.hpp"
#include "reactions_fixture.hpp"
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

const reaction_journal here{"nats", on_a_server, 10, missing};

}  // namespace

INSTANTIATE_TEST_SUITE_P(jetstream, reacting_on, testing::Values(here),
                         [](const auto& which) { return which.param.name; });
INSTANTIATE_TEST_SUITE_P(jetstream, killed_bank, testing::Values(here),
                         [](const auto& which) { return which.param.name; });

}  // namespace quipu::test
