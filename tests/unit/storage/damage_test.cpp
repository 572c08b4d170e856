#include "storage/environment.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace quipu::storage {
namespace {

using journal::failure_kind;
using test::temporary_directory;

class damage : public testing::Test {
 protected:
  damage() {
    auto env = environment::open({.directory = dir_ / "e"}).value();
    const auto rows = env->open_table("rows", table_keys::integer).value();
    auto write = env->begin_write({50, 50 * 10'000}).value();
    for (std::uint64_t number = 1; number <= 50; ++number)
      EXPECT_TRUE(write.put(rows, key_of(number), bytes(10'000, 'x')));
    EXPECT_TRUE(write.commit());
    env.reset();
    facts_ = check_data_file(dir_ / "e").value();
  }

  std::filesystem::path file() const { return dir_ / "e/data.mdb"; }

  void overwrite(std::uint64_t offset, std::uint32_t value) {
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.write(reinterpret_cast<const char*>(&value), sizeof value);
  }

  std::string refusal(failure_kind kind = failure_kind::corrupt) {
    std::string text;
    for (const bool write : {true, false}) {
      auto opened = environment::open({.directory = dir_ / "e", .write = write});
      if (opened) return "it was opened";
      EXPECT_EQ(opened.error().kind, kind) << opened.error().text;
      text = opened.error().text;
    }
    return text;
  }

  temporary_directory dir_;
  data_file_facts facts_;
};

TEST_F(damage, a_file_cut_short_is_noticed_at_any_length) {
  const std::uint64_t least = (facts_.last_page + 1) * facts_.page_size;
  for (const std::uint64_t size :
       {least - 1, least - facts_.page_size, least / 2, std::uint64_t{8192}, std::uint64_t{8191},
        std::uint64_t{4200}, std::uint64_t{100}, std::uint64_t{0}}) {
    std::filesystem::resize_file(file(), size);
    const auto text = refusal();
    EXPECT_NE(text.find("cut short"), std::string::npos) << size << ": " << text;
    if (size < 8192) continue;
    EXPECT_NE(text.find(std::to_string(size)), std::string::npos) << text;
    EXPECT_NE(text.find(std::to_string(least)), std::string::npos) << text;
  }
}

TEST_F(damage, a_file_without_its_spare_room_is_whole) {
  std::filesystem::resize_file(file(), (facts_.last_page + 1) * facts_.page_size);
  auto env = environment::open({.directory = dir_ / "e"}).value();
  const auto rows = env->open_table("rows", table_keys::integer).value();
  auto look = env->begin_read().value();
  auto cursor = look.open_cursor(rows).value();
  int count = 0;
  for (auto row = cursor.first(); row && *row; row = cursor.next()) count += (*row)->value.back() == 'x';
  EXPECT_EQ(count, 50);
}

TEST_F(damage, another_file_is_not_taken_for_lmdb) {
  overwrite(16, 0x12345678);
  EXPECT_NE(refusal().find("no LMDB file"), std::string::npos);
  std::ofstream(file(), std::ios::trunc) << std::string(20'000, 'z');
  EXPECT_NE(refusal().find("no LMDB file"), std::string::npos);
}

TEST_F(damage, another_format_is_named) {
  overwrite(20, 999);
  EXPECT_NE(refusal(failure_kind::unsupported).find("999"), std::string::npos);
}

TEST_F(damage, a_page_size_that_cannot_be_is_no_crash) {
  overwrite(16 + 24, 0);
  EXPECT_NE(refusal().find("page size"), std::string::npos);
}

}  // namespace
}  // namespace quipu::storage
