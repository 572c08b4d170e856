// The open transaction: what it shows is what a commit would leave, undone events included.
#include "projections/pending_rows.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::projecting {
namespace {

using quipu::test::between;

class pending : public testing::Test {
 protected:
  void SetUp() override {
    store_.environment =
        std::move(storage::environment::open({.directory = directory_ / "e", .map_size = 1 << 30}).value());
    for (const char* name : {"a", "b"}) store_.tables.push_back(store_.environment->open_table(name).value());
  }
  static std::map<std::string, std::string> all(pending_rows& rows, std::uint32_t table) {
    std::map<std::string, std::string> found;
    std::string at;
    for (; const auto row = rows.at_or_after(table, at); at.push_back('\0')) {
      at = row->key;
      found[at] = as_text(row->row);
    }
    return found;
  }

  test::temporary_directory directory_;
  opened_store store_;
};

TEST_F(pending, rows_by_chance_are_those_of_a_map) {
  auto random = test::random_source();
  pending_rows rows(store_, 4096);
  std::map<std::string, std::string> model;
  for (int event = 0; event < 3000; ++event) {
    const auto before = model;
    rows.begin_event();
    for (auto changes = between(random, 0, 4); changes > 0; --changes) {
      const auto key = "k" + std::to_string(between(random, 0, 40));
      switch (between(random, 0, 3)) {
        case 0:
          rows.erase(0, key);
          model.erase(key);
          break;
        case 1:
          ASSERT_EQ(rows.get(0, key).has_value(), model.contains(key)) << key;
          break;
        default:
          const auto row = "r" + std::to_string(event) + std::string(between(random, 0, 30), '.');
          rows.put(0, key, as_bytes(row));
          model[key] = row;
      }
    }
    if (between(random, 0, 4) == 0) {
      rows.undo_event();
      model = before;
    }
    const auto what = between(random, 0, 60);
    if (what == 1) {
      ASSERT_EQ(all(rows, 0), model);
    } else if (what < 3) {
      ASSERT_TRUE(rows.commit());
      if (what == 2) rows.discard();  // nothing is left in memory
    }
  }
  ASSERT_TRUE(rows.commit());
  pending_rows anew(store_, 0);
  EXPECT_EQ(all(anew, 0), model);
  EXPECT_TRUE(all(anew, 1).empty());
}

TEST_F(pending, what_is_discarded_is_as_it_was) {
  pending_rows rows(store_, 4096);
  rows.put(1, "x", as_bytes("1"));
  ASSERT_TRUE(rows.commit());
  rows.put(1, "x", as_bytes("2"));
  rows.put(1, "y", as_bytes("3"));
  rows.discard();
  EXPECT_EQ(all(rows, 1), (std::map<std::string, std::string>{{"x", "1"}}));
  EXPECT_FALSE(rows.changed());
}

}  // namespace
}  // namespace quipu::projecting
