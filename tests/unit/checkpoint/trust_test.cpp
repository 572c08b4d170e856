// What a checkpoint must notice: rows lost and rows too many, damage, another journal; and that a kill leaves
// it whole.
#include "checkpoint/layout.hpp"
#include "checkpoint/lmdb_checkpoints.hpp"
#include "storage/environment.hpp"

#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

namespace quipu::checkpoint {
namespace {

using test::temporary_directory;

class checkpoint_trust : public testing::Test {
 protected:
  checkpoint_trust() {
    open();
    std::vector<core::snapshot_group> groups;
    for (journal::partition_id partition = 0; partition < 2; ++partition) {
      core::snapshot_group group{.partition = partition};
      for (int key = 0; key < 500; ++key)
        group.rows.push_back({"account", std::to_string(key), bytes(300, 'i')});
      group.rows.push_back({"order", "o", bytes(10, 'o')});
      group.floors = {{"account", {1, 1}, position::start_of(5)}, {"order", {1, 1}, position::start_of(5)}};
      group.newest = {4, {1, 1}};
      groups.push_back(std::move(group));
    }
    EXPECT_TRUE(store_->write(groups));
    store_.reset();
  }

  void open(id128 incarnation = {1, 2}, std::uint32_t partitions = 4) {
    store_.reset();
    auto opened = open_lmdb(dir_ / "c", incarnation, partitions);
    ASSERT_TRUE(opened) << opened.error().text;
    store_ = std::move(opened->store);
    discarded_ = opened->discarded;
  }
  std::size_t floors() { return store_->open(0).value().floors.size(); }
  bool has(std::string_view category, std::string_view key) {
    return store_->load(0, category, key).value().has_value();
  }

  // Changes the store behind its back.
  void meddle(const std::string& table,
              const std::function<void(storage::write_transaction&, storage::table)>& change) {
    auto env = storage::environment::open({.directory = dir_ / "c", .max_tables = 20}).value();
    const auto opened = env->open_table(table).value();
    auto write = env->begin_write({10, 10'000}).value();
    change(write, opened);
    ASSERT_TRUE(write.commit());
  }
  void expect_account_emptied() {
    open();
    EXPECT_NE(discarded_.find("account"), std::string::npos) << discarded_;
    EXPECT_EQ(floors(), 1U) << "the other category stays";
    EXPECT_FALSE(has("account", "1"));
    EXPECT_TRUE(has("order", "o"));
    EXPECT_TRUE(verify_lmdb(*store_));
    open();
    EXPECT_EQ(discarded_, "");
  }
  void expect_made_anew(std::string_view why) {
    EXPECT_NE(discarded_.find(why), std::string::npos) << discarded_;
    EXPECT_EQ(floors(), 0U);
    EXPECT_FALSE(has("account", "1"));
    core::snapshot_group group{.partition = 0, .rows = {{"account", "1", bytes(3, 'x')}}};
    EXPECT_TRUE(store_->write({&group, 1}));
    EXPECT_TRUE(has("account", "1"));
  }

  temporary_directory dir_;
  std::unique_ptr<core::checkpoint_store> store_;
  std::string discarded_;
};

TEST_F(checkpoint_trust, a_lost_row_empties_its_category) {
  meddle("rows.account",
         [](auto& write, auto rows) { EXPECT_TRUE(write.erase(rows, as_bytes(row_key(1, "77"))).value()); });
  expect_account_emptied();
}

TEST_F(checkpoint_trust, a_row_too_many_empties_its_category) {
  meddle("rows.account",
         [](auto& write, auto rows) { EXPECT_TRUE(write.put(rows, as_bytes(row_key(1, "new")), bytes(9))); });
  expect_account_emptied();
}

TEST_F(checkpoint_trust, a_lost_table_empties_its_category) {
  meddle("rows.account", [](auto& write, auto rows) { EXPECT_TRUE(write.clear(rows)); });
  expect_account_emptied();
}

TEST_F(checkpoint_trust, a_row_exchanged_for_another_shows_in_the_digest) {
  meddle("rows.account", [](auto& write, auto rows) {
    EXPECT_TRUE(write.put(rows, as_bytes(row_key(1, "77")), bytes(300, 'j')));
  });
  open();
  EXPECT_EQ(discarded_, "");
  const auto verified = verify_lmdb(*store_);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().kind, journal::failure_kind::corrupt);
  EXPECT_NE(verified.error().text.find("account"), std::string::npos) << verified.error().text;
}

TEST_F(checkpoint_trust, a_damaged_floor_makes_it_anew) {
  meddle("meta", [](auto& write, auto meta) {
    auto value = std::string(as_text(write.get(meta, as_bytes(category_key(1, "account"))).value().value()));
    value[20] ^= 1;
    EXPECT_TRUE(write.put(meta, as_bytes(category_key(1, "account")), as_bytes(value)));
  });
  open();
  expect_made_anew("damaged");
}

TEST_F(checkpoint_trust, a_lost_binding_makes_it_anew) {
  meddle("meta", [](auto& write, auto meta) { EXPECT_TRUE(write.erase(meta, as_bytes(store_key)).value()); });
  open();
  expect_made_anew("damaged");
}

TEST_F(checkpoint_trust, another_format_makes_it_anew) {
  meddle("meta", [](auto& write, auto meta) {
    const auto row = sealed_row(store_key, store_row{99, 4, {1, 2}});
    EXPECT_TRUE(write.put(meta, as_bytes(store_key), as_bytes(row)));
  });
  open();
  expect_made_anew("format 99");
}

TEST_F(checkpoint_trust, another_journal_makes_it_anew) {
  open({1, 3});
  expect_made_anew("another journal");
}

TEST_F(checkpoint_trust, another_number_of_partitions_makes_it_anew) {
  open({1, 2}, 8);
  expect_made_anew("4 partitions");
}

TEST_F(checkpoint_trust, a_file_cut_short_makes_it_anew) {
  for (const std::uintmax_t size : {60'000U, 8192U, 100U, 0U}) {
    std::filesystem::resize_file(dir_ / "c/data.mdb", size);
    open();
    expect_made_anew("cut short");
    store_.reset();
  }
}

TEST_F(checkpoint_trust, a_kill_in_the_middle_leaves_it_whole) {
  for (int round = 0; round < 6; ++round) {
    const temporary_directory place;
    std::uint64_t seen = 0;
    {
      test::child_process writer({CHECKPOINT_CHILD, place / "c"});
      while (seen < 5U + static_cast<unsigned>(round) * 11) seen = std::stoul("0" + writer.read_line());
      writer.kill();
      for (auto line = writer.read_line(); !line.empty(); line = writer.read_line()) seen = std::stoul(line);
    }
    auto opened = open_lmdb(place / "c", {1, 2}, 4);
    ASSERT_TRUE(opened) << opened.error().text;
    EXPECT_EQ(opened->discarded, "");
    const auto verified = verify_lmdb(*opened->store);
    ASSERT_TRUE(verified) << verified.error().text;
    for (journal::partition_id partition = 0; partition < 2; ++partition) {
      const auto found = opened->store->open(partition).value();
      ASSERT_EQ(found.floors.size(), 1U);
      const auto generation = found.newest.number;
      EXPECT_GE(generation, seen);
      EXPECT_LE(generation, seen + 1);
      EXPECT_EQ(found.floors[0].floor, position::start_of(generation));
      const auto image = opened->store->load(partition, "account", "39").value().value();
      EXPECT_TRUE(as_text(image).starts_with(std::to_string(generation)));
    }
  }
}

}  // namespace
}  // namespace quipu::checkpoint
