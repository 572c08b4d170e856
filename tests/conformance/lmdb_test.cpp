#include "journal_conformance.hpp"

namespace quipu::test {

INSTANTIATE_TEST_SUITE_P(lmdb, journal_conformance,
                         testing::Values(backend{
                             .name = "lmdb",
                             .url = [](const auto& dir) { return "lmdb:" + (dir / "j").string(); }}),
                         name_of);

}  // namespace quipu::test
