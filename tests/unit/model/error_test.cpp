// Errors: their kinds come from their codes, and what people see has what to do.
#include <quipu/result.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace quipu {
namespace {

TEST(errors, of_the_runtime_have_the_kind_that_the_table_says) {
  const auto all = all_errors();
  const auto first = std::ranges::find(all, error_code::runtime_option, &error_entry::code);
  ASSERT_NE(first, all.end());
  for (auto entry = first; entry != all.end(); ++entry)
    EXPECT_EQ(name_of(kind_of(entry->code)), entry->kind) << entry->name;
}

TEST(errors, that_come_from_the_journal_are_translated) {
  EXPECT_EQ(kind_of(error_code::journal_not_found), error_kind::invalid);
  EXPECT_EQ(kind_of(error_code::journal_exists), error_kind::invalid);
  EXPECT_EQ(kind_of(error_code::storage_locked), error_kind::unavailable);
  EXPECT_EQ(kind_of(error_code::journal_version), error_kind::corrupt);
  EXPECT_EQ(kind_of(error_code::record_checksum), error_kind::corrupt);
  EXPECT_EQ(kind_of(error_code::storage_out_of_space), error_kind::refused);
  EXPECT_EQ(kind_of(error_code::server_unreachable), error_kind::unavailable);
}

TEST(errors, are_described_with_kind_code_text_and_cure) {
  const error why(error_code::command_key, "a key has 1 to 255 bytes, this one has 0");
  EXPECT_EQ(why.kind, error_kind::invalid);
  EXPECT_EQ(
      describe(why),
      "invalid [command.key]: a key has 1 to 255 bytes, this one has 0\n  Choose a key of 1 to 255 bytes.");
}

}  // namespace
}  // namespace quipu
