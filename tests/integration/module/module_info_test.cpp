/// `quipu module info`: what it shows, and how it refuses what it cannot load.
#include <gtest/gtest.h>

#include <quipu/port/module_entry.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::test {
namespace {

using environment = std::vector<std::pair<std::string, std::string>>;

ending info(const std::string& file, std::vector<std::string> more = {}, const environment& with = {}) {
  std::vector<std::string> command{QUIPU_PROGRAM, "module", "info", file};
  command.insert(command.end(), more.begin(), more.end());
  return process(command, {.directory = {}, .environment = with}).wait();
}

/// Refused with exit code 3 and one sentence that has these words.
void expect_refused(const ending& done, const std::vector<std::string>& words) {
  EXPECT_EQ(done.code, 3) << done.out;
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(std::ranges::count(done.err, '\n'), 1) << done.err;
  for (const auto& word : words)
    EXPECT_NE(done.err.find(word), std::string::npos) << word << "\n" << done.err;
}

TEST(module_info, shows_entities_commands_events_and_schemas) {
  const auto done = info(QUIPU_BANK_MODULE);
  EXPECT_EQ(done.code, 0) << done.err;
  for (const auto* line :
       {"domain   bank\n", "entity account\n", "    bank.Withdraw, answers bank.Balance\n",
        "    bank.Close\n", "    bank.Withdrawn\n", "    bank.Account, schema ", "projection statement\n",
        "    accounts of bank.BalanceRow\n", "    accounts.owner, a further key\n",
        "quipu    " QUIPU_VERSION " (" QUIPU_ABI ")\n"})
    EXPECT_NE(done.out.find(line), std::string::npos) << line << "\n" << done.out;
}

TEST(module_info, says_the_same_in_json) {
  const auto done = info(QUIPU_BANK_MODULE, {"--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto said = nlohmann::json::parse(done.out);
  EXPECT_EQ(said["domain"], "bank");
  EXPECT_EQ(said["quipu"], QUIPU_VERSION);
  const auto& account = said["entities"].at(0);
  EXPECT_EQ(account["category"], "account");
  EXPECT_EQ(account["commands"].at(2)["type"], "bank.Withdraw");
  EXPECT_EQ(account["commands"].at(2)["reply"]["type"], "bank.Balance");
  EXPECT_TRUE(account["commands"].at(3)["reply"].is_null());
  EXPECT_EQ(account["events"].size(), 7U);
  EXPECT_EQ(account["stored"].size(), 9U);  // seven events, a reply, the state
  const auto& balances = said["projections"].at(0);
  EXPECT_EQ(balances["name"], "balances");
  EXPECT_EQ(balances["version"], 1);
  EXPECT_EQ(balances["tables"],
            nlohmann::json::array({{{"name", "accounts"}, {"row", "bank.BalanceRow"}, {"by", {"owner"}}}}));
  EXPECT_EQ(balances["events"].size(), 7U);
}

TEST(module_info, refuses_what_is_no_module) {
  const temporary_directory directory;
  const auto cut = directory / "cut.so";
  std::filesystem::copy_file(QUIPU_BANK_MODULE, cut);
  std::filesystem::resize_file(cut, 8192);  // in the middle of what is mapped
  const auto text = directory / "text.so";
  std::ofstream(text)
      << "a note that was given the wrong name, and is longer than the head of a shared library";

  expect_refused(info("/nowhere/bank.so"), {"there is no such file", "quipu_add_module()"});
  expect_refused(info(directory.path().string()), {"is no file", "quipu_add_module()"});
  expect_refused(info(text.string()), {"is no shared library", "quipu_add_module()"});
  expect_refused(info("/dev/null"), {"is no file"});
  expect_refused(info(cut.string()), {"is cut short", "again"});
  expect_refused(info(QUIPU_PROGRAM), {"cannot be loaded", "against Quipu " QUIPU_VERSION});
  expect_refused(info(QUIPU_NO_MODULE), {"is no module of Quipu", "QUIPU_MODULE("});
  expect_refused(info(QUIPU_FOREIGN_MODULE), {"is no module of Quipu"});  // it says nothing of itself
}

TEST(module_info, refuses_modules_of_another_quipu) {
  expect_refused(
      info(QUIPU_FOREIGN_MODULE, {}, {{"QUIPU_TEST_VERSION", "9.8.7"}, {"QUIPU_TEST_ABI", QUIPU_ABI}}),
      {"was built with Quipu 9.8.7", "this is Quipu " QUIPU_VERSION, "build it anew"});
  expect_refused(
      info(QUIPU_FOREIGN_MODULE, {}, {{"QUIPU_TEST_VERSION", QUIPU_VERSION}, {"QUIPU_TEST_ABI", "libc++ 1"}}),
      {"was built with Quipu " QUIPU_VERSION " (libc++ 1)", "build it anew"});
}

TEST(module_info, refuses_domains_that_are_none) {
  const auto with = [](const char* fault) {
    return info(QUIPU_FAULTY_MODULE, {}, {{"QUIPU_TEST_FAULT", fault}});
  };
  expect_refused(with("nameless"), {"the domain has no name", "give it one"});
  expect_refused(with("empty"), {"the domain empty has no entities", "add quipu::entities"});
  expect_refused(with("throws"), {"no configuration", "mend the module"});
  expect_refused(with("throws a number"), {"no std::exception", "mend the module"});
}

/// Two builds of one version may have domains of different layouts: what says so is a part of the ABI.
TEST(module_info, refuses_modules_with_another_layout_of_the_domain) {
  EXPECT_NE(std::string(QUIPU_ABI).find(QUIPU_DOMAIN_LAYOUT), std::string::npos);
  expect_refused(info(QUIPU_FOREIGN_MODULE, {},
                      {{"QUIPU_TEST_VERSION", QUIPU_VERSION}, {"QUIPU_TEST_ABI", "libstdc++ 12"}}),
                 {"was built with Quipu " QUIPU_VERSION " (libstdc++ 12)", "build it anew"});
}

/// What a module brings with it (its copies of the standard library's templates, its types) is its own business.
TEST(module_info, a_module_exports_one_function) {
  const auto done =
      process({"/usr/bin/nm", "--dynamic", "--defined-only", "--just-symbols", QUIPU_BANK_MODULE}).wait();
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(done.out, "quipu_module\n");
}

}  // namespace
}  // namespace quipu::test
