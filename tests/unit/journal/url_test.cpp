#include <gtest/gtest.h>
#include <quipu/journal/open.hpp>

#include "support/temporary_directory.hpp"

namespace quipu::test {

using journal::failure_kind;

TEST(url, what_is_wrong_is_named) {
  temporary_directory directory;
  auto in = [&](const std::string& query) { return "lmdb:" + (directory / "j").string() + query; };
  struct wrong {
    std::string url;
    failure_kind kind;
    std::string says;
  };
  for (const auto& [url, kind, says] : std::initializer_list<wrong>{
           {"", failure_kind::invalid, "memory:"},
           {"lmdb", failure_kind::invalid, "lmdb:PATH"},
           {"http://x", failure_kind::invalid, "nats://"},
           {"lmdb:", failure_kind::invalid, "path"},
           {"memory:x", failure_kind::invalid, "path"},
           {"memory:?sync=none", failure_kind::invalid, "sync"},
           {in("?sync"), failure_kind::invalid, "name=value"},
           {in("?sync=sometimes"), failure_kind::invalid, "sometimes"},
           {in("?synch=always"), failure_kind::invalid, "map_size"},
           {in("?map_size=1GB"), failure_kind::invalid, "GiB"},
           {in("?map_size=0"), failure_kind::invalid, "no size"},
           {in("?map_size=-1"), failure_kind::invalid, "no size"},
           {in("?max_map_size=99999999TiB"), failure_kind::invalid, "max_map_size"},
       }) {
    auto opened = journal::open_or_create(url, {});
    ASSERT_FALSE(opened) << url;
    EXPECT_EQ(opened.error().kind, kind) << url;
    EXPECT_NE(opened.error().text.find(says), std::string::npos) << url << ": " << opened.error().text;
  }
}

TEST(url, options_are_taken) {
  temporary_directory directory;
  auto url = "lmdb:" + (directory / "j").string() + "?sync=none&map_size=64MiB&max_map_size=1GiB";
  auto opened = journal::open_or_create(url, {.partitions = 3});
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_EQ((*opened)->about().partitions, 3U);
}

TEST(url, lmdb_alone_means_the_nodes_directory) {
  temporary_directory directory;
  auto opened = journal::open_or_create("lmdb:", {},
                                        {.mode = journal::access::write, .node_directory = directory.path()});
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_TRUE(std::filesystem::exists(directory / "journal"));
}

TEST(url, memory_journals_are_new_each_time) {
  EXPECT_EQ(journal::create("memory:", {}).error().kind, failure_kind::invalid);
  auto one = journal::open("memory:").value()->about();
  auto other = journal::open_or_create("memory:", {.partitions = 2}).value()->about();
  EXPECT_NE(one.incarnation, other.incarnation);
  EXPECT_EQ(other.partitions, 2U);
  EXPECT_EQ(journal::open("memory:", {.mode = journal::access::read, .node_directory = {}}).error().kind,
            failure_kind::not_found);
}

TEST(url, impossible_journals_are_not_created) {
  for (journal::creation how :
       {journal::creation{.partitions = 0}, journal::creation{.partitions = 65537},
        journal::creation{.max_record_bytes = 100}, journal::creation{.max_record_bytes = 1U << 31U}}) {
    EXPECT_EQ(journal::open_or_create("memory:", how).error().kind, failure_kind::invalid);
  }
}

}  // namespace quipu::test
