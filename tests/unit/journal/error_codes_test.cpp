// The table of errors: whole, and consistent with the kinds.
#include <quipu/journal/failure.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

namespace quipu::journal {
namespace {

TEST(error_codes, have_names_and_two_sentences) {
  const std::regex form("[a-z]+\\.[a-z_]+");
  std::set<std::string_view> names;
  for (const auto& entry : all_errors()) {
    EXPECT_TRUE(std::regex_match(std::string(entry.name), form)) << entry.name;
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_EQ(error_code_named(entry.name), entry.code);
    for (const auto sentence : {entry.means, entry.cure}) {
      EXPECT_TRUE(sentence.ends_with('.') || sentence.ends_with('?')) << entry.name << ": " << sentence;
      EXPECT_EQ(sentence.find('|'), sentence.npos)
          << "it would break the table in docs/errors.md: " << entry.name;
    }
  }
  EXPECT_FALSE(error_code_named("journal.dog"));
  EXPECT_FALSE(error_code_named(""));
}

TEST(error_codes, give_failures_their_kind_and_their_end) {
  const failure why(error_code::journal_locked, "it is held by process 7");
  EXPECT_EQ(why.kind, failure_kind::locked);
  EXPECT_EQ(describe(why), "it is held by process 7 [journal.locked]");
}

// What stands before these in the enumeration is the journal's, and a kind that failures have.
TEST(error_codes, of_the_journal_have_kinds_of_failures) {
  for (const auto& entry : all_errors()) {
    if (entry.code == error_code::runtime_option) break;
    EXPECT_EQ(name_of(kind_of(entry.code)), entry.kind) << entry.name;
  }
}

}  // namespace
}  // namespace quipu::journal
