// `quipu projection ls` and `rows`: without a module, beside a writer, by every kind of key.
#include "models_fixture.hpp"

#include <lmdb.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

namespace quipu::test {
namespace {

class printed_rows : public models_fixture {
 protected:
  void SetUp() override {
    models_fixture::SetUp();
    write();
    follow_once();
  }
  /// Their keys, in the order in which they come.
  std::vector<std::string> keys(arguments words) {
    words.insert(words.begin(), "diary");
    words.emplace_back("--json");
    const auto done = rows(words);
    EXPECT_EQ(done.code, 0) << done.err;
    std::vector<std::string> list;
    for (const auto& one : objects(done.out)) list.push_back(one["key"]);
    return list;
  }
  using names = std::vector<std::string>;
  inline static const std::string shown_hostile = R"(e\x1b[31m, (\x5c\xff)\x0a)";
};

TEST_F(printed_rows, come_with_their_tables_and_keys) {
  const auto done = rows({"diary", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto all = objects(done.out);
  ASSERT_EQ(all.size(), 3U + 3 + 3);
  EXPECT_EQ(all[0]["table"], "people");
  EXPECT_EQ(all[0]["key"], "ada");
  EXPECT_EQ(all[0]["row"]["owner"], "Ada");
  EXPECT_EQ(all[0]["row"]["amount"], 5);
  const auto text = rows({"diary", "--table", "people", "--limit", "2"});
  EXPECT_TRUE(has(text.out, "people  ada  {")) << text.out;
  EXPECT_TRUE(has(text.out, "people  bob  {")) << text.out;
  EXPECT_FALSE(has(text.out, "people  e")) << text.out;
}

TEST_F(printed_rows, by_key_and_by_a_range_of_keys) {
  EXPECT_EQ(keys({"--table", "people", "--key", "bob"}), (names{"bob"}));
  EXPECT_EQ(keys({"--table", "people", "--key", "bo"}), (names{}));
  EXPECT_EQ(keys({"--table", "people", "--key", shown_hostile}), (names{shown_hostile}));
  EXPECT_EQ(keys({"--table", "people", "--prefix", "b"}), (names{"bob"}));
  EXPECT_EQ(keys({"--table", "people", "--from", "b"}), (names{"bob", shown_hostile}));
  EXPECT_EQ(keys({"--table", "people", "--to", "bob"}), (names{"ada", "bob"}));
  EXPECT_EQ(keys({"--table", "people", "--from", "ada", "--to", "bob", "--reverse"}), (names{"bob", "ada"}));
  EXPECT_EQ(keys({"--table", "people", "--reverse", "--limit", "1"}), (names{shown_hostile}));
  EXPECT_EQ(keys({"--table", "lines", "--prefix", "account/ada"}), (names{"account/ada@2"}));
  EXPECT_EQ(keys({"--table", "lines", "--key", "account/bob@2"}), (names{"account/bob@2"}));
  EXPECT_EQ(keys({"--table", "hours", "--key", "(bob, 12)"}), (names{"(bob, 12)"}));
  EXPECT_EQ(keys({"--table", "hours", "--key", "(bob)"}), (names{"(bob, 12)"}));
  EXPECT_EQ(keys({"--table", "hours", "--prefix", "(a)"}), (names{"(ada, 5)"}));
  const auto odd = keys({"--table", "hours", "--from", "(c)"});
  ASSERT_EQ(odd.size(), 1U);
  EXPECT_EQ(keys({"--table", "hours", "--key", odd.front()}), odd) << "what is shown can be asked for";
}

TEST_F(printed_rows, by_further_keys) {
  EXPECT_EQ(keys({"--table", "people", "--by", "amount"}), (names{"bob", "ada", shown_hostile}));
  EXPECT_EQ(keys({"--table", "people", "--by", "amount", "--reverse"}), (names{shown_hostile, "ada", "bob"}));
  EXPECT_EQ(keys({"--table", "people", "--by", "amount", "--from", "5"}), (names{"ada", shown_hostile}));
  EXPECT_EQ(keys({"--table", "people", "--by", "amount", "--key", "-7"}), (names{shown_hostile}));
  EXPECT_EQ(keys({"--table", "people", "--by", "owner", "--key", "Ada"}), (names{"ada", shown_hostile}));
  EXPECT_EQ(keys({"--table", "people", "--by", "owner", "--prefix", "B"}), (names{"bob"}));
}

TEST_F(printed_rows, where_something_holds) {
  EXPECT_EQ(keys({"--table", "people", "--where", "/amount > 100"}), (names{"bob"}));
  EXPECT_EQ(keys({"--table", "people", "--where", "/amount<=5"}), (names{"ada", shown_hostile}));
  EXPECT_EQ(keys({"--table", "people", "--where", "/owner == \"Ada\"", "--where", "/amount != -7"}),
            (names{"ada"}));
  EXPECT_EQ(keys({"--table", "people", "--where", "/owner >= \"B\"", "--limit", "5"}), (names{"bob"}));
  EXPECT_EQ(keys({"--table", "people", "--where", "/there/is/no == null"}).size(), 0U);
  EXPECT_EQ(keys({"--table", "people", "--where", "/amount > \"1\""}).size(), 0U);
}

TEST_F(printed_rows, wrong_usage_is_named_with_what_there_is) {
  struct wrong {
    arguments given;
    int code;
    std::string says;
  };
  for (const auto& [given, code, says] : std::vector<wrong>{
           {{"cash"}, 3, "there are: diary"},
           {{"../diary"}, 3, "there are: diary"},
           {{"diary", "--table", "peple"}, 2, "there are: people, hours, lines"},
           {{"diary", "--key", "ada"}, 2, "name a table"},
           {{"diary", "--table", "people", "--by", "size"}, 2, "there are: owner, amount"},
           {{"diary", "--table", "hours", "--by", "size"}, 2, "no further key size"},
           {{"diary", "--generation", "7"}, 2, "there are: 1"},
           {{"diary", "--table", "hours", "--key", "bob"}, 2, "(text, u8)"},
           {{"diary", "--table", "hours", "--key", "(bob, 256)"}, 2, "u8"},
           {{"diary", "--table", "hours", "--key", "(bob, 1, 2)"}, 2, "more parts"},
           {{"diary", "--table", "lines", "--key", "Ada@3"}, 2, "category/key@number"},
           {{"diary", "--table", "people", "--key", "a\\q"}, 2, "\\x5c"},
           {{"diary", "--table", "people", "--by", "amount", "--prefix", "3"}, 2, "--from and --to"},
           {{"diary", "--where", "/owner == Ada"}, 2, "double quotes"},
           {{"diary", "--where", "amount > 3"}, 2, "a field is expected"},
           {{"diary", "--where", "/amount = 3"}, 2, "a comparison is expected"},
           {{"diary", "--table", ""}, 2, "--table"}}) {
    const auto done = rows(given);
    EXPECT_EQ(done.code, code) << says;
    EXPECT_EQ(done.out, "");
    EXPECT_TRUE(has(done.err, says)) << done.err;
  }
}

TEST_F(printed_rows, never_drive_a_terminal_and_end_with_a_closed_pipe) {
  const auto done = rows({"diary"});
  EXPECT_TRUE(std::ranges::none_of(done.out, [](char c) { return c == '\x1b' || c == '\xff'; })) << done.out;
  process reader({QUIPU_PROGRAM, "projection", "rows", "diary", "--directory", directory_.path().string()});
  reader.close_output();
  const auto ended = reader.wait();
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.err, "");
}

TEST_F(printed_rows, of_a_row_that_does_not_hold_are_its_bytes) {
  MDB_env* env = nullptr;
  MDB_txn* txn = nullptr;
  MDB_dbi table = 0;
  std::string key = "ada";
  std::string junk(9, '\xff');
  MDB_val k{key.size(), key.data()};
  MDB_val v{junk.size(), junk.data()};
  ASSERT_EQ(mdb_env_create(&env), 0);
  mdb_env_set_maxdbs(env, 32);
  mdb_env_set_mapsize(env, std::size_t{1} << 30U);
  ASSERT_EQ(mdb_env_open(env, (directory_ / "read-models/diary/1").c_str(), 0, 0644), 0);
  ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
  ASSERT_EQ(mdb_dbi_open(txn, "rows.people", 0, &table), 0);
  ASSERT_EQ(mdb_put(txn, table, &k, &v, 0), 0);
  ASSERT_EQ(mdb_txn_commit(txn), 0);
  mdb_env_close(env);
  const auto done = rows({"diary", "--table", "people", "--json"});
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(has(done.err, "the row ada of people does not hold")) << done.err;
  const auto all = objects(done.out);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_TRUE(all[0]["row"].is_null());
  EXPECT_EQ(all[0]["row_bytes"], "ffffffffffffffffff");
}

TEST_F(printed_rows, of_an_older_read_model_need_the_module_until_it_is_kept_again) {
  MDB_env* env = nullptr;
  MDB_txn* txn = nullptr;
  MDB_dbi meta = 0;
  std::string key = "model";
  MDB_val k{key.size(), key.data()};
  ASSERT_EQ(mdb_env_create(&env), 0);
  mdb_env_set_maxdbs(env, 32);
  mdb_env_set_mapsize(env, std::size_t{1} << 30U);
  ASSERT_EQ(mdb_env_open(env, (directory_ / "read-models/diary/1").c_str(), 0, 0644), 0);
  ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
  ASSERT_EQ(mdb_dbi_open(txn, "meta", 0, &meta), 0);
  ASSERT_EQ(mdb_del(txn, meta, &k, nullptr), 0);
  ASSERT_EQ(mdb_txn_commit(txn), 0);
  mdb_env_close(env);

  const auto refused = rows({"diary", "--table", "people"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(has(refused.err, "--module")) << refused.err;
  EXPECT_EQ(keys({"--table", "people", "--key", "bob", "--module", QUIPU_DIARY_MODULE}), (names{"bob"}));
  const auto listed = objects(quipu({"projection", "ls", "--json"}).out);
  EXPECT_TRUE(listed.at(0)["generations"][0]["rows"].is_null());
  follow_once();
  EXPECT_EQ(keys({"--table", "people", "--key", "bob"}), (names{"bob"}));
}

TEST_F(printed_rows, and_read_models_are_listed_with_every_generation) {
  const auto rebuilt = std::move(models_->rebuild<diary>(*journal_, quick()).value());
  wait_for(*rebuilt, last_);
  ASSERT_TRUE(rebuilt->pause("the disk \x1b[31m is moved"));
  const auto done = quipu({"projection", "ls", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto all = objects(done.out);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["projection"], "diary");
  const auto& live = all[0]["generations"][0];
  EXPECT_EQ(live["role"], "live");
  EXPECT_EQ(live["version"], 1);
  EXPECT_EQ(live["position"], "5:0");
  EXPECT_EQ(live["rows"], (json{{"people", 3}, {"hours", 3}, {"lines", 3}}));
  EXPECT_GT(live["bytes"], 4096);
  EXPECT_EQ(live["dead_letters"], 2);
  EXPECT_TRUE(live["holder"].is_null());
  const auto& building = all[0]["generations"][1];
  EXPECT_EQ(building["role"], "building");
  EXPECT_EQ(building["holder"], ::getpid());
  EXPECT_EQ(building["paused"], "the disk \x1b[31m is moved");
  const auto text = quipu({"projection", "ls"});
  EXPECT_TRUE(has(text.out, "generation 1  live, version 1, at 5:0, ")) << text.out;
  EXPECT_TRUE(has(text.out, "    people  3 rows\n")) << text.out;
  EXPECT_TRUE(has(text.out, "paused: the disk \\x1b[31m is moved")) << text.out;
  EXPECT_EQ(keys({"--table", "people", "--generation", "2", "--key", "bob"}), (names{"bob"}));
}

TEST_F(printed_rows, are_those_of_one_commit) {
  const auto keeper = follow<diary>();
  std::atomic<bool> over = false;
  // What one has more the other has less, in one record.
  std::thread writer([&] {
    for (int i = 0; !over; ++i)
      writer_->append({{"bob", {written_event::of(bank::DepositedT{.amount = 24 + i})}},
                       {"cid", {written_event::of(bank::DepositedT{.amount = -24 - i})}}});
  });
  std::set<std::int64_t> seen;
  for (int round = 0; round < 12; ++round) {
    const auto done = rows({"diary", "--table", "people", "--json", "--where", "/amount != 5"});
    ASSERT_EQ(done.code, 0) << done.err;
    std::int64_t sum = 0;
    for (const auto& one : objects(done.out)) {
      if (one["key"] == "bob") seen.insert(one["row"]["amount"].get<std::int64_t>());
      if (one["key"] == "bob" || one["key"] == "cid") sum += one["row"]["amount"].get<std::int64_t>();
    }
    EXPECT_EQ(sum, 300);
  }
  over = true;
  writer.join();
  EXPECT_GT(seen.size(), 1U) << "it did not read beside a writer";
}

}  // namespace
}  // namespace quipu::test
