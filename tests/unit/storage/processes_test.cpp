#include "storage/environment.hpp"

#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

namespace quipu::storage {
namespace {

using journal::failure_kind;
using test::child_process;
using test::temporary_directory;

TEST(processes, a_second_writer_is_told_the_first_ones_pid) {
  const temporary_directory dir;
  child_process other({STORAGE_CHILD, "hold", dir / "e"});
  ASSERT_EQ(other.read_line(), "held");
  auto second = environment::open({.directory = dir / "e"});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, failure_kind::locked);
  EXPECT_NE(second.error().text.find("process " + std::to_string(other.pid())), std::string::npos)
      << second.error().text;
  other.kill();
  EXPECT_TRUE(environment::open({.directory = dir / "e"})) << "the lock of a process that was killed is gone";
}

TEST(processes, a_reader_sees_what_a_live_writer_commits) {
  const temporary_directory dir;
  child_process writer({STORAGE_CHILD, "write", dir / "e"});
  ASSERT_EQ(writer.read_line(), "ready");
  auto env = environment::open({.directory = dir / "e", .write = false}).value();
  const auto rows = env->open_table("rows", table_keys::integer).value();
  for (std::uint64_t count = 1; count <= 20; ++count) {
    writer.write_line("200000");
    ASSERT_EQ(writer.read_line(), "done");
    auto look = env->begin_read().value();
    ASSERT_EQ(look.entries(rows).value(), count);
    ASSERT_EQ(look.get(rows, key_of(count)).value().value().back(), 'x');
  }
  EXPECT_EQ(env->begin_write({1, 1}).error().kind, failure_kind::refused);
}

TEST(processes, a_reader_with_a_small_map_follows_a_writer_with_a_large_one) {
  const temporary_directory dir;
  child_process writer({STORAGE_CHILD, "write", dir / "e"});
  ASSERT_EQ(writer.read_line(), "ready");
  auto env = environment::open({.directory = dir / "e", .write = false, .map_size = 1 << 20}).value();
  const auto rows = env->open_table("rows", table_keys::integer).value();
  writer.write_line("5000000");
  ASSERT_EQ(writer.read_line(), "done");
  auto look = env->begin_read();
  ASSERT_TRUE(look) << look.error().text;
  const std::uint64_t first = 1;
  EXPECT_EQ(look->get(rows, key_of(first)).value().value().back(), 'x');
}

TEST(processes, a_full_disk_refuses_and_goes_on_when_there_is_room) {
  const temporary_directory dir;
  child_process writer({STORAGE_CHILD, "fill", dir / "e", "5000000"});
  const std::string refusal = writer.read_line();
  EXPECT_TRUE(refusal.starts_with("refused: ")) << refusal;
  EXPECT_NE(refusal.find("out of space"), std::string::npos) << refusal;
  const auto written = std::stoul("0" + writer.read_line());
  EXPECT_GE(written, 30U);
  EXPECT_EQ(writer.read_line(), "again");
  EXPECT_EQ(writer.wait(), 0);
  auto env = environment::open({.directory = dir / "e"}).value();
  const auto rows = env->open_table("rows", table_keys::integer).value();
  EXPECT_EQ(env->begin_read().value().entries(rows).value(), written + 1);
}

}  // namespace
}  // namespace quipu::storage
