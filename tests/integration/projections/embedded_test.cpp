#include "killing.hpp"

namespace quipu::test {
namespace {

const projected_journal lmdb{"lmdb", [](const auto& dir) { return "lmdb:" + (dir / "j").string(); }};

}  // namespace

INSTANTIATE_TEST_SUITE_P(embedded, following,
                         testing::Values(projected_journal{"memory", [](const auto&) { return "memory:"; }},
                                         lmdb),
                         [](const auto& which) { return which.param.name; });
INSTANTIATE_TEST_SUITE_P(embedded, killed, testing::Values(killed_on{lmdb, 100}),
                         [](const auto& which) { return which.param.journal.name; });

}  // namespace quipu::test
