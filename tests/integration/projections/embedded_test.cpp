#include "projector_fixture.hpp"

namespace quipu::test {

INSTANTIATE_TEST_SUITE_P(embedded, following,
                         testing::Values(projected_journal{"memory", [](const auto&) { return "memory:"; }},
                                         projected_journal{
                                             "lmdb",
                                             [](const auto& dir) { return "lmdb:" + (dir / "j").string(); }}),
                         [](const auto& which) { return which.param.name; });

}  // namespace quipu::test
