#include "journal_conformance.hpp"

namespace quipu::test {

INSTANTIATE_TEST_SUITE_P(memory, journal_conformance,
                         testing::Values(backend{.name = "memory",
                                                 .url = [](const auto&) { return "memory:"; },
                                                 .survives_closing = false,
                                                 .one_writer = false}),
                         name_of);

}  // namespace quipu::test
