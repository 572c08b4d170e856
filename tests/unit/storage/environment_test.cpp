#include "storage/environment.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace quipu::storage {
namespace {

using journal::failure_kind;
using test::temporary_directory;

journal::result<void> add(environment& env, table rows, std::uint64_t number, std::size_t size) {
  auto write = env.begin_write({1, size + 8});
  if (!write) return std::unexpected(write.error());
  auto space = write->append(rows, key_of(number), size);
  if (!space) return std::unexpected(space.error());
  std::ranges::fill(*space, static_cast<std::uint8_t>(number));
  return write->commit();
}

TEST(environment, holds_what_was_committed_and_nothing_else) {
  const temporary_directory dir;
  {
    auto env = environment::open({.directory = dir / "e"}).value();
    const auto rows = env->open_table("rows").value();
    {
      auto write = env->begin_write({1, 100}).value();
      ASSERT_TRUE(write.put(rows, as_bytes("a"), as_bytes("1")));
      ASSERT_TRUE(write.commit());
    }
    auto write = env->begin_write({1, 100}).value();
    ASSERT_TRUE(write.put(rows, as_bytes("b"), as_bytes("2")));
  }
  auto env = environment::open({.directory = dir / "e", .write = false}).value();
  const auto rows = env->open_table("rows").value();
  auto look = env->begin_read().value();
  EXPECT_EQ(as_text(look.get(rows, as_bytes("a")).value().value()), "1");
  EXPECT_FALSE(look.get(rows, as_bytes("b")).value());
  EXPECT_EQ(look.entries(rows).value(), 1U);
}

TEST(environment, is_open_once_in_a_process) {
  const temporary_directory dir;
  auto env = environment::open({.directory = dir / "e"}).value();
  for (const bool write : {true, false}) {
    auto second = environment::open({.directory = dir / "e", .write = write});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, failure_kind::locked);
    EXPECT_NE(second.error().text.find(std::to_string(::getpid())), std::string::npos) << second.error().text;
  }
  env.reset();
  EXPECT_TRUE(environment::open({.directory = dir / "e"}));
}

TEST(environment, a_reader_makes_nothing) {
  const temporary_directory dir;
  EXPECT_EQ(environment::open({.directory = dir / "e", .write = false}).error().kind,
            failure_kind::not_found);
  EXPECT_FALSE(std::filesystem::exists(dir / "e"));
  std::filesystem::create_directory(dir / "e");
  EXPECT_EQ(environment::open({.directory = dir / "e", .write = false}).error().kind,
            failure_kind::not_found);
  EXPECT_TRUE(std::filesystem::is_empty(dir / "e"));
}

TEST(environment, says_where_it_cannot_write) {
  const temporary_directory dir;
  std::ofstream(dir / "file") << "not a directory";
  auto below = environment::open({.directory = dir / "file/e"});
  ASSERT_FALSE(below);
  EXPECT_EQ(below.error().kind, failure_kind::refused);
  EXPECT_NE(below.error().text.find("file/e"), std::string::npos);
  if (::getuid() == 0) GTEST_SKIP() << "root may write anywhere";
  std::filesystem::create_directory(dir / "e");
  ::chmod((dir / "e").c_str(), 0500);
  EXPECT_EQ(environment::open({.directory = dir / "e"}).error().kind, failure_kind::refused);
}

TEST(environment, keeps_the_file_ahead_of_its_pages) {
  const temporary_directory dir;
  auto env = environment::open({.directory = dir / "e"}).value();
  const auto rows = env->open_table("rows", table_keys::integer).value();
  for (std::uint64_t number = 1; number <= 200; ++number) {
    ASSERT_TRUE(add(*env, rows, number, number * 97));
    const auto facts = check_data_file(dir / "e").value();
    ASSERT_GE(facts.size, (facts.last_page + 1) * facts.page_size);
    ASSERT_EQ(facts.size, env->file_size());
  }
}

// Readers check what they see while the map is exchanged beneath them again and again.
TEST(environment, the_map_grows_while_others_read) {
  const temporary_directory dir;
  auto env = environment::open({.directory = dir / "e", .map_size = 1 << 20}).value();
  const auto rows = env->open_table("rows", table_keys::integer).value();
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> looks = 0;
  const auto read = [&] {
    while (!stop) {
      auto look = env->begin_read();
      ASSERT_TRUE(look);
      auto cursor = look->open_cursor(rows);
      ASSERT_TRUE(cursor);
      for (auto row = cursor->first(); row && *row; row = cursor->next()) {
        const auto number = number_in<std::uint64_t>((*row)->key).value();
        ASSERT_EQ((*row)->value.front(), static_cast<std::uint8_t>(number));
        ASSERT_EQ((*row)->value.back(), static_cast<std::uint8_t>(number));
      }
      ++looks;
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);
  for (std::uint64_t number = 1; number <= 300; ++number) EXPECT_TRUE(add(*env, rows, number, 100'000));
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_GE(env->map_size(), 30'000'000U);
  EXPECT_GT(looks, 0U);
}

TEST(environment, refuses_what_the_largest_map_cannot_hold) {
  const temporary_directory dir;
  auto env =
      environment::open({.directory = dir / "e", .map_size = 1 << 20, .max_map_size = 4 << 20}).value();
  const auto rows = env->open_table("rows", table_keys::integer).value();
  std::uint64_t number = 1;
  auto done = add(*env, rows, number, 100'000);
  while (done) done = add(*env, rows, ++number, 100'000);
  EXPECT_EQ(done.error().kind, failure_kind::refused);
  EXPECT_NE(done.error().text.find(std::to_string(4 << 20)), std::string::npos) << done.error().text;
  EXPECT_GT(number, 20U);
  EXPECT_EQ(env->begin_read().value().entries(rows).value(), number - 1);
  EXPECT_TRUE(add(*env, rows, number, 100));
}

TEST(environment, opens_again_after_reopening_failed) {
  const temporary_directory dir;
  auto env = environment::open({.directory = dir / "e"}).value();
  const auto rows = env->open_table("rows", table_keys::integer).value();
  ASSERT_TRUE(add(*env, rows, 1, 10));
  std::filesystem::rename(dir / "e/data.mdb", dir / "e/gone");
  EXPECT_FALSE(env->reopen());
  EXPECT_TRUE(env->is_down());
  EXPECT_EQ(env->begin_read().error().kind, failure_kind::unavailable);
  EXPECT_EQ(env->begin_write({1, 1}).error().kind, failure_kind::unavailable);
  std::filesystem::rename(dir / "e/gone", dir / "e/data.mdb");
  ASSERT_TRUE(env->reopen());
  EXPECT_EQ(env->begin_read().value().entries(rows).value(), 1U);
}

}  // namespace
}  // namespace quipu::storage
