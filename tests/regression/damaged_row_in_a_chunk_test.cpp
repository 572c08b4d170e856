// The LMDB cursor reads rows in chunks. A damaged row in the middle of one made it forget the sound rows
// before it, and the next call handed out a pointer to nothing.
#include <gtest/gtest.h>
#include <lmdb.h>
#include <quipu/journal/open.hpp>
#include <quipu/journal/record.hpp>

#include <future>
#include <vector>

#include "support/temporary_directory.hpp"

namespace quipu {
namespace {

void append_records(const std::string& url, int count) {
  const auto journal = journal::open_or_create(url, {.partitions = 1}).value();
  record_number expected = 0;
  for (int i = 0; i < count; ++i) {
    const auto record = journal::encode_claim({.lineage = journal->about().lineage,
                                               .incarnation = journal->about().incarnation,
                                               .epoch = 1,
                                               .id = {1, static_cast<std::uint64_t>(i)}},
                                              "somebody");
    std::promise<journal::append_result> settled;
    journal->append(0, expected, record, [&](journal::append_result r) { settled.set_value(std::move(r)); });
    const auto result = settled.get_future().get();
    ASSERT_EQ(result.status, journal::append_status::appended) << result.reason;
    expected = result.number;
  }
}

void cut_row(const std::filesystem::path& directory, std::uint64_t number) {
  MDB_env* env = nullptr;
  ASSERT_EQ(mdb_env_create(&env), 0);
  ASSERT_EQ(mdb_env_set_maxdbs(env, 8), 0);
  ASSERT_EQ(mdb_env_set_mapsize(env, std::size_t{1} << 30U), 0);
  ASSERT_EQ(mdb_env_open(env, directory.c_str(), 0, 0644), 0);
  MDB_txn* txn = nullptr;
  MDB_dbi log = 0;
  ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
  ASSERT_EQ(mdb_dbi_open(txn, "log", MDB_INTEGERKEY, &log), 0);
  char scrap[4] = {};
  MDB_val key{sizeof number, &number};
  MDB_val value{sizeof scrap, scrap};
  ASSERT_EQ(mdb_put(txn, log, &key, &value, 0), 0);
  ASSERT_EQ(mdb_txn_commit(txn), 0);
  mdb_env_close(env);
}

TEST(damaged_row_in_a_chunk, what_is_sound_around_it_is_read_and_the_place_is_named) {
  const test::temporary_directory directory;
  const auto path = directory / "journal";
  const auto url = "lmdb:" + path.string();
  append_records(url, 5);
  cut_row(path, 3);

  const auto journal = journal::open(url, {.mode = journal::access::read}).value();
  const auto cursor = journal->read(1);
  std::vector<record_number> read;
  std::string damage;
  for (int calls = 0; calls < 10; ++calls) {
    const auto next = cursor->next();
    if (!next) {
      damage = next.error().text;
      continue;
    }
    if (!*next) break;
    EXPECT_TRUE(journal::record_view::decode((**next).data));
    read.push_back((**next).number);
  }
  EXPECT_EQ(read, (std::vector<record_number>{1, 2, 4, 5}));
  EXPECT_NE(damage.find("record 3"), std::string::npos) << damage;
}

}  // namespace
}  // namespace quipu
