/// A module's domain does what the program's own would do.
#include <gtest/gtest.h>

#include <quipu/journal/schema.hpp>
#include <quipu/module.hpp>
#include <quipu/runtime.hpp>

#include <string>

#include "support/temporary_directory.hpp"

namespace quipu::test {
namespace {

TEST(loading, gives_the_domain_that_the_module_was_made_of) {
  const auto loaded = load_module(QUIPU_BANK_MODULE);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->domain().name(), "bank");
  ASSERT_NE(loaded->domain().find("account"), nullptr);
  EXPECT_EQ(loaded->domain().find("account")->commands.size(), 7U);
  ASSERT_EQ(loaded->domain().projections().size(), 2U);
  EXPECT_EQ(loaded->domain().projections()[0].name, "balances");
  EXPECT_NE(loaded->domain().find_projection("statement"), nullptr);
  EXPECT_EQ(loaded->domain().find_projection("cash"), nullptr);
  const auto again = load_module(QUIPU_BANK_MODULE);
  ASSERT_TRUE(again);
  EXPECT_EQ(&again->domain(), &loaded->domain());
}

TEST(loading, runs_the_entity_without_its_types) {
  const auto loaded = load_module(QUIPU_BANK_MODULE);
  ASSERT_TRUE(loaded) << loaded.error().text;
  const auto& account = *loaded->domain().find("account");
  const auto binary = account.schemas.front().binary;
  auto json = journal::schema_reader::open({binary.begin(), binary.end()});
  ASSERT_TRUE(json);
  auto state = account.make();
  const auto record = [&](std::uint32_t event, const char* text) {
    account.evolve(state.get(), event, json->from_json(account.events[event].name, text).value());
  };
  record(0, R"({"owner": "Ada"})");
  record(1, R"({"amount": 70})");
  record(2, R"({"amount": 30})");
  bytes image;
  account.save(state.get(), image);
  EXPECT_EQ(json->to_json("bank.Account", image).value(), R"({"owner": "Ada","balance": 40})");
  EXPECT_THROW(account.evolve(state.get(), 1, bytes{1, 2, 3}), port::damaged_payload);
}

TEST(loading, gives_a_domain_that_a_runtime_serves) {
  const temporary_directory directory;
  const auto loaded = load_module(QUIPU_BANK_MODULE);
  ASSERT_TRUE(loaded) << loaded.error().text;
  auto rt =
      runtime::open(loaded->domain(), {.directory = directory.path(), .journal = "memory:", .partitions = 1});
  ASSERT_TRUE(rt) << rt.error().text;
  EXPECT_EQ(rt->status().domain, "bank");
  EXPECT_TRUE(rt->close().complete());
}

}  // namespace
}  // namespace quipu::test
