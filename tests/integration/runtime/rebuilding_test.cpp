// A checkpoint is a cache: whatever becomes of it, the answers are the same, and the status says what was
// rebuilt.
#include <lmdb.h>

#include <filesystem>
#include <fstream>

#include "runtime_fixture.hpp"

namespace quipu::test {
namespace {

constexpr int keys = 200;

class rebuilding : public testing::Test {
 protected:
  rebuilding() {
    place.defaults.snapshots.every_events = 2;
    auto node = place.open();
    for (int round = 0; round < 5; ++round) {
      std::vector<keyed<trial::AddT>> list;
      for (int i = 0; i < keys; ++i) list.push_back({"key-" + std::to_string(i), add(i + 1)});
      for (auto& one : node.submit<counter>(std::move(list))) EXPECT_TRUE(one.get().has_value());
    }
    EXPECT_TRUE(node.close(30s).complete());
  }

  static void expect_all_there(runtime& node) {
    for (int i = 0; i < keys; ++i) {
      const auto state = node.read<counter>("key-" + std::to_string(i)).get();
      ASSERT_TRUE(state.has_value()) << state.error().text;
      ASSERT_TRUE(state->accepted());
      EXPECT_EQ(state->value().total, 5 * (i + 1));
    }
  }

  node_place place{"lmdb:"};
};

TEST_F(rebuilding, is_not_needed_when_the_checkpoint_is_whole) {
  auto node = place.open();
  EXPECT_LE(node.status().recovery.events_replayed, 2U * keys);
  expect_all_there(node);
  const auto status = node.status();
  std::uint64_t loaded = 0;
  for (const auto& one : status.partitions) loaded += one.snapshots_loaded;
  EXPECT_GT(loaded, 0U);
  EXPECT_EQ(all_notes(status), "");
}

TEST_F(rebuilding, follows_a_checkpoint_that_was_deleted) {
  std::filesystem::remove_all(place.checkpoint_file().parent_path());
  auto node = place.open();
  EXPECT_EQ(node.status().recovery.events_replayed, 5U * keys);
  EXPECT_NE(all_notes(node.status()), "") << "it is said what was rebuilt";
  expect_all_there(node);
}

TEST_F(rebuilding, follows_a_checkpoint_that_was_cut_short) {
  std::filesystem::resize_file(place.checkpoint_file(), 5'000);
  auto node = place.open();
  EXPECT_NE(all_notes(node.status()), "") << "it is said what was rebuilt";
  EXPECT_EQ(node.status().recovery.events_replayed, 5U * keys);
  expect_all_there(node);
}

TEST_F(rebuilding, follows_garbage_in_the_checkpoint) {
  {
    std::fstream file(place.checkpoint_file(), std::ios::in | std::ios::out | std::ios::binary);
    const std::string garbage(8'192, '\x5a');
    file.write(garbage.data(), static_cast<std::streamsize>(garbage.size()));
  }
  auto node = place.open();
  EXPECT_NE(all_notes(node.status()), "");
  expect_all_there(node);
}

TEST_F(rebuilding, follows_a_row_that_was_lost) {
  MDB_env* env = nullptr;
  ASSERT_EQ(mdb_env_create(&env), 0);
  mdb_env_set_maxdbs(env, 64);
  ASSERT_EQ(mdb_env_open(env, place.checkpoint_file().parent_path().c_str(), 0, 0644), 0);
  MDB_txn* transaction = nullptr;
  ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &transaction), 0);
  MDB_dbi rows = 0;
  ASSERT_EQ(mdb_dbi_open(transaction, "rows.counter", 0, &rows), 0);
  MDB_cursor* cursor = nullptr;
  ASSERT_EQ(mdb_cursor_open(transaction, rows, &cursor), 0);
  MDB_val key{}, value{};
  ASSERT_EQ(mdb_cursor_get(cursor, &key, &value, MDB_FIRST), 0);
  ASSERT_EQ(mdb_cursor_del(cursor, 0), 0);
  mdb_cursor_close(cursor);
  ASSERT_EQ(mdb_txn_commit(transaction), 0);
  mdb_env_close(env);

  auto node = place.open();
  EXPECT_NE(all_notes(node.status()), "");
  expect_all_there(node);
}

TEST_F(rebuilding, keeps_the_node_within_its_recovery_target) {
  place.defaults.snapshots.every_events = 0;
  place.defaults.recovery_target = 1ms;  // the least budget a partition gets
  auto node = place.open();
  for (int round = 0; round < 60; ++round) {
    std::vector<keyed<trial::AddT>> list;
    for (int i = 0; i < keys; ++i) list.push_back({"key-" + std::to_string(i), add(1)});
    for (auto& one : node.submit<counter>(std::move(list))) ASSERT_TRUE(one.get().has_value());
  }
  // 12 000 events; unsaved ones stay near 4 partitions times 1000, and a snapshot that is being written.
  EXPECT_LT(node.status().tail_events, 10'000U);
  EXPECT_GT(node.status().replay_rate, 0.0);
}

}  // namespace
}  // namespace quipu::test
