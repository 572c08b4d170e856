// Projections as a part of a domain.
#include <gtest/gtest.h>
#include <quipu/domain.hpp>
#include <quipu/runtime.hpp>

#include <stdexcept>

#include "bank_domain.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::test {
namespace {

using samples::balances;

TEST(domain, names_a_projection_once) {
  EXPECT_THROW((domain{"bank", projections<balances, balances>}), std::invalid_argument);
  EXPECT_THROW((domain{"bank", projections<balances>, projections<balances>}), std::invalid_argument);
}

TEST(domain, of_projections_alone_is_one_but_not_for_a_runtime) {
  const domain readers{"readers", projections<balances>};
  EXPECT_TRUE(well_formed(readers));
  const temporary_directory directory;
  const auto opened = runtime::open(readers, {.directory = directory.path(), .journal = "memory:"});
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text.find("add quipu::entities"), std::string::npos) << opened.error().text;
}

}  // namespace
}  // namespace quipu::test
