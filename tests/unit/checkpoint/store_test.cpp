#include "checkpoint/lmdb_checkpoints.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include <sys/resource.h>

namespace quipu::checkpoint {
namespace {

using core::snapshot_group;
using test::temporary_directory;

bytes image_of(std::string_view text) { return {text.begin(), text.end()}; }

class checkpoint_store : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open(id128 incarnation = {1, 2}, std::uint32_t partitions = 4) {
    store_.reset();
    auto opened = open_lmdb(dir_ / "c", incarnation, partitions);
    ASSERT_TRUE(opened) << opened.error().text;
    store_ = std::move(opened->store);
    discarded_ = opened->discarded;
  }
  std::string load(journal::partition_id partition, std::string_view category, std::string_view key) {
    const auto image = store_->load(partition, category, key).value();
    return image ? std::string(image->begin(), image->end()) : "none";
  }
  void write(const snapshot_group& group) {
    const auto written = store_->write({&group, 1});
    ASSERT_TRUE(written) << written.error().text;
  }
  void holds() {
    const auto verified = verify_lmdb(*store_);
    EXPECT_TRUE(verified) << verified.error().text;
  }

  temporary_directory dir_;
  std::unique_ptr<core::checkpoint_store> store_;
  std::string discarded_;
};

snapshot_group some_group(journal::partition_id partition) {
  snapshot_group group{.partition = partition};
  group.rows = {{"account", "a", image_of("image of a")},
                {"account", std::string(255, '\xff'), image_of("b")},
                {"order", "a", image_of(std::string(100'000, 'o'))}};
  group.floors = {{"account", {7, 8}, position::of(10, 3)}, {"order", {9, 9}, position::start_of(12)}};
  group.newest = {11, {5, 6}};
  group.quarantined = {{"account", "bad/key", position::of(9, 1), "evolve threw"}};
  return group;
}

TEST_F(checkpoint_store, is_empty_at_first) {
  EXPECT_EQ(discarded_, "");
  const auto found = store_->open(0).value();
  EXPECT_TRUE(found.floors.empty());
  EXPECT_TRUE(found.quarantined.empty());
  EXPECT_EQ(found.newest.number, 0U);
  EXPECT_EQ(load(0, "account", "a"), "none");
}

TEST_F(checkpoint_store, holds_what_was_written_also_after_opening_again) {
  write(some_group(2));
  for (int round = 0; round < 2; ++round) {
    const auto found = store_->open(2).value();
    ASSERT_EQ(found.floors.size(), 2U);
    EXPECT_EQ(found.floors[0].category, "account");
    EXPECT_EQ(found.floors[0].fingerprint, (id128{7, 8}));
    EXPECT_EQ(found.floors[0].floor, position::of(10, 3));
    EXPECT_EQ(found.newest.number, 11U);
    EXPECT_EQ(found.newest.sum, (id128{5, 6}));
    ASSERT_EQ(found.quarantined.size(), 1U);
    EXPECT_EQ(found.quarantined[0].key, "bad/key");
    EXPECT_EQ(found.quarantined[0].replay_from, position::of(9, 1));
    EXPECT_EQ(found.quarantined[0].why, "evolve threw");
    EXPECT_EQ(load(2, "account", "a"), "image of a");
    EXPECT_EQ(load(2, "account", std::string(255, '\xff')), "b");
    EXPECT_EQ(load(2, "order", "a").size(), 100'000U);
    EXPECT_EQ(load(1, "account", "a"), "none") << "another partition";
    EXPECT_TRUE(store_->open(1).value().floors.empty());
    holds();
    open();
    EXPECT_EQ(discarded_, "");
  }
}

TEST_F(checkpoint_store, newer_images_replace_older_ones) {
  write(some_group(0));
  snapshot_group next{.partition = 0, .newest = {20, {1, 1}}};
  next.rows = {
      {"account", "a", image_of("newer")}, {"account", "a", image_of("newest")}, {"account", "c", {}}};
  next.floors = {{"account", {7, 8}, position::start_of(20)}};
  next.released = {{"account", "bad/key"}};
  write(next);
  EXPECT_EQ(load(0, "account", "a"), "newest");
  EXPECT_EQ(load(0, "account", "c"), "");
  const auto found = store_->open(0).value();
  EXPECT_EQ(found.floors[0].floor, position::start_of(20));
  EXPECT_EQ(found.floors[1].floor, position::start_of(12)) << "the other category stays";
  EXPECT_TRUE(found.quarantined.empty());
  holds();
  open();
  EXPECT_EQ(discarded_, "");
  holds();
}

TEST_F(checkpoint_store, many_groups_are_one_write) {
  std::vector<snapshot_group> groups = {some_group(0), some_group(1), some_group(3)};
  groups[2].rows.push_back({"account", std::string(600, 'k'), {}});  // longer than LMDB takes
  EXPECT_FALSE(store_->write(groups));
  for (const journal::partition_id partition : {0U, 1U, 3U}) {
    EXPECT_TRUE(store_->open(partition).value().floors.empty());
    EXPECT_EQ(load(partition, "account", "a"), "none");
  }
  groups[2].rows.pop_back();
  EXPECT_TRUE(store_->write(groups));
  EXPECT_EQ(load(3, "account", "a"), "image of a");
  holds();
}

TEST_F(checkpoint_store, forgets_a_category_of_a_partition) {
  write(some_group(0));
  write(some_group(1));
  ASSERT_TRUE(store_->discard(0, "account"));
  for (int round = 0; round < 2; ++round) {
    const auto found = store_->open(0).value();
    ASSERT_EQ(found.floors.size(), 1U);
    EXPECT_EQ(found.floors[0].category, "order");
    EXPECT_TRUE(found.quarantined.empty());
    EXPECT_EQ(load(0, "account", "a"), "none");
    EXPECT_NE(load(0, "order", "a"), "none");
    EXPECT_EQ(load(1, "account", "a"), "image of a");
    EXPECT_EQ(store_->open(1).value().floors.size(), 2U);
    holds();
    open();
    EXPECT_EQ(discarded_, "");
  }
}

TEST_F(checkpoint_store, forgets_a_partition) {
  write(some_group(0));
  write(some_group(1));
  ASSERT_TRUE(store_->discard(0, std::nullopt));
  ASSERT_TRUE(store_->discard(2, std::nullopt));
  const auto found = store_->open(0).value();
  EXPECT_TRUE(found.floors.empty());
  EXPECT_TRUE(found.quarantined.empty());
  EXPECT_EQ(found.newest.number, 0U);
  EXPECT_EQ(load(0, "order", "a"), "none");
  EXPECT_EQ(load(1, "order", "a").size(), 100'000U);
  holds();
  open();
  EXPECT_EQ(discarded_, "");
}

TEST_F(checkpoint_store, a_full_disk_leaves_it_as_it_was) {
  write(some_group(0));
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit none{std::filesystem::file_size(dir_ / "c/data.mdb"), before.rlim_max};
  const snapshot_group large{.partition = 0,
                             .rows = {{"account", "a", bytes(4'000'000, 'x')}},
                             .floors = {{"account", {7, 8}, position::start_of(99)}}};
  ::setrlimit(RLIMIT_FSIZE, &none);
  const auto refused = store_->write({&large, 1});
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, journal::failure_kind::refused) << refused.error().text;
  EXPECT_EQ(load(0, "account", "a"), "image of a");
  EXPECT_EQ(store_->open(0).value().floors[0].floor, position::of(10, 3));
  write(large);
  EXPECT_EQ(load(0, "account", "a").size(), 4'000'000U);
  holds();
}

TEST_F(checkpoint_store, is_held_by_one) {
  const auto second = open_lmdb(dir_ / "c", {1, 2}, 4);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, journal::failure_kind::locked);
}

}  // namespace
}  // namespace quipu::checkpoint
