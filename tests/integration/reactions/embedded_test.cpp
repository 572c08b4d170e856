#include "killed_suite.hpp"
#include "reactions_fixture.hpp"

namespace quipu::test {

namespace {
const reaction_journal here{"lmdb", [](const auto& dir) { return "lmdb:" + (dir / "j").string(); }, 100};
}  // namespace

INSTANTIATE_TEST_SUITE_P(embedded, reacting_on, testing::Values(here),
                         [](const auto& which) { return which.param.name; });
INSTANTIATE_TEST_SUITE_P(embedded, killed_bank, testing::Values(here),
                         [](const auto& which) { return which.param.name; });

}  // namespace quipu::test
