// The index: made, extended, used, and never trusted.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>

#include "journal_for_cli.hpp"
#include "reading/index_format.hpp"

namespace quipu::test {
namespace {

using texts = std::vector<std::string>;
namespace format = tool::index_format;

std::string content_of(const std::filesystem::path& name) {
  std::ifstream in(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_content(const std::filesystem::path& name, const std::string& bytes) {
  std::filesystem::create_directories(name.parent_path());
  std::ofstream(name, std::ios::binary | std::ios::trunc) << bytes;
}

class journal_with_index : public journal_for_cli {
 protected:
  ending index(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"journal", "index", url_, "--index", cache_});
    return quipu(more);
  }
  ending cat_rent(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"--entity", "ledger/rent", "--json", "--index", cache_});
    return cat(std::move(more));
  }
  std::filesystem::path file() const {
    return directory_ / "cache" / journal_->about().incarnation.hex() / "index";
  }
  void append_rent(std::uint64_t sequence) {
    append({.entity_key = "rent", .first_sequence = sequence, .events = {"{}"}, .command = {7, sequence}});
  }
  /// Another entity of the same partition.
  std::string neighbour() const {
    for (int i = 0;; ++i) {
      auto key = "other" + std::to_string(i);
      if (partition_of(key) == partition_of("rent")) return key;
    }
  }
  /// "rent" far apart: the records between are others', and of the same partition.
  void write_apart() {
    const auto other = neighbour();
    append_rent(1);
    for (std::uint64_t i = 1; i <= 100; ++i) {
      append({.entity_key = other,
              .first_sequence = i,
              .events = {"{}"},
              .time_us = written_us + 2'000'000,
              .command = {8, i}});
    }
    append_rent(2);
  }
  std::string cache_ = (directory_ / "cache").string();
};

TEST_F(journal_with_index, is_made_and_extended) {
  append_rent(1);
  append({.entity_key = "food", .events = {"{}"}});
  const auto made = index({"--json"});
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(json_lines(made.out).at(0), nlohmann::json({{"url", url_},
                                                        {"index", file().string()},
                                                        {"from_record", 1},
                                                        {"through_record", 2},
                                                        {"commits", 2},
                                                        {"events", 2},
                                                        {"bytes", std::filesystem::file_size(file())}}));
  append_rent(2);
  EXPECT_EQ(values(json_lines(cat_rent().out), "id"), (texts{"ledger/rent@1", "ledger/rent@2"}))
      << "an index that is behind is used for what it covers";
  const auto extended = json_lines(index({"--json"}).out).at(0);
  EXPECT_EQ(extended.at("from_record"), 3);
  EXPECT_EQ(extended.at("events"), 3);
  EXPECT_EQ(values(json_lines(cat_rent().out), "id"), (texts{"ledger/rent@1", "ledger/rent@2"}));
  const auto size = std::filesystem::file_size(file());
  const auto again = index();
  EXPECT_EQ(again.out.find("nothing new: up to record 3, 3 events in all, "), 0U) << again.out;
  EXPECT_EQ(std::filesystem::file_size(file()), size);
}

TEST_F(journal_with_index, gives_the_same_events_and_reads_no_others) {
  write_apart();
  ASSERT_EQ(index().code, 0);
  append_rent(3);
  change_row(50, [](std::string& row) { row[row.size() / 2] ^= 1; });
  const auto scanned = cat({"--entity", "ledger/rent", "--json"});
  EXPECT_EQ(scanned.code, 1) << "without an index all of the partition is read";
  for (const texts& more : {texts{}, texts{"--reverse"}, texts{"--to", "2026-01-02T03:04:05"}}) {
    auto plain = more;
    plain.insert(plain.begin(), {"--entity", "ledger/rent", "--json"});
    const auto indexed = cat_rent(more);
    EXPECT_EQ(indexed.code, 0) << indexed.err;
    EXPECT_EQ(indexed.out, cat(plain).out);
    EXPECT_EQ(json_lines(indexed.out).size(), 3U);
  }
  const auto command = cat({"--index", cache_, "--json", "--command-id", id128{7, 2}.hex()});
  EXPECT_EQ(command.code, 0) << command.err;
  EXPECT_EQ(values(json_lines(command.out), "position"), (texts{"102:0"}));
}

TEST_F(journal_with_index, describes_the_journal_as_the_journal_does) {
  claim(partition_of("rent"), 4, "an \xff owner\n");
  write_apart();
  ASSERT_EQ(index().code, 0);
  claim(partition_of("rent"), 5, "the next");
  append({.entity_key = "rent",
          .first_sequence = 3,
          .events = {"{}", "{}"},
          .time_us = written_us + 90'000'000});
  auto indexed = json_lines(info({"--json", "--index", cache_}).out).at(0);
  auto counted = json_lines(info({"--json"}).out).at(0);
  EXPECT_EQ(indexed.at("indexed_through"), 103);
  EXPECT_TRUE(counted.at("indexed_through").is_null());
  EXPECT_EQ(indexed.at("events_per_second").at("last_minute"), 2.0 / 60);
  indexed.erase("indexed_through");
  counted.erase("indexed_through");
  EXPECT_EQ(indexed, counted);
}

TEST_F(journal_with_index, names_the_damage_that_it_was_made_with) {
  append_rent(1);
  append_raw(partition_of("rent"), std::make_shared<bytes>(64, std::uint8_t{7}));
  append_rent(3);
  const auto made = index();
  EXPECT_EQ(made.code, 1);
  EXPECT_NE(made.err.find("record 2 of partition"), std::string::npos) << made.err;
  for (const texts& more : {texts{}, texts{"--reverse"}}) {
    const auto done = cat_rent(more);
    EXPECT_EQ(done.code, 1);
    EXPECT_EQ(json_lines(done.out).size(), 2U);
    EXPECT_EQ(done.err.find("quipu: record 2 of partition"), 0U) << done.err;
    EXPECT_EQ(lines_of(done.err).size(), 1U) << done.err;
  }
  const auto described = info({"--json", "--index", cache_});
  EXPECT_EQ(described.code, 1);
  EXPECT_EQ(json_lines(described.out).at(0).at("damaged_records"), 1);
  EXPECT_EQ(json_lines(described.out).at(0).at("events"), 2);
}

TEST_F(journal_with_index, is_not_trusted_when_a_byte_of_it_changed) {
  for (std::uint64_t i = 1; i <= 3; ++i) append_rent(i);
  ASSERT_EQ(index().code, 0);
  append_rent(4);
  ASSERT_EQ(index().code, 0);
  const auto whole = content_of(file());
  const auto right = cat({"--entity", "ledger/rent", "--json"}).out;
  ASSERT_EQ(json_lines(right).size(), 4U);
  int said = 0;
  for (std::size_t at = 0; at < whole.size(); at += 37) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    write_content(file(), bytes);
    const auto done = cat_rent();
    ASSERT_EQ(done.code, 0) << at << done.err;
    ASSERT_EQ(done.out, right) << at;
    said += done.err.empty() ? 0 : 1;
  }
  EXPECT_GT(said, 10);
  const auto mended = index();
  EXPECT_EQ(mended.code, 0);
  EXPECT_NE(mended.err.find("made anew"), std::string::npos) << mended.err;
  EXPECT_EQ(cat_rent().err, "");
}

TEST_F(journal_with_index, may_end_anywhere) {
  for (std::uint64_t i = 1; i <= 3; ++i) append_rent(i);
  ASSERT_EQ(index().code, 0);
  append_rent(4);
  ASSERT_EQ(index().code, 0);
  const auto whole = content_of(file());
  const auto right = cat({"--entity", "ledger/rent", "--json"}).out;
  for (std::size_t size = 0; size < whole.size(); size += 61) {
    write_content(file(), whole.substr(0, size));
    const auto done = cat_rent();
    ASSERT_EQ(done.out, right) << size;
    ASSERT_EQ(done.code, 0) << size;
    ASSERT_EQ(done.err, "") << size << ": a builder may be at work, or was killed";
    if (size % (61 * 8) != 0) continue;
    ASSERT_EQ(index().code, 0) << size;
    ASSERT_EQ(cat_rent().out, right) << size;
  }
}

TEST_F(journal_with_index, of_another_journal_or_version_is_not_used) {
  append_rent(1);
  ASSERT_EQ(index().code, 0);
  const auto mine = file();
  auto other = content_of(mine);
  const auto incarnation = journal_->about().incarnation.hex();
  const auto head = [](int version, const std::string& of) {
    std::string bytes;
    format::put(bytes, format::block_kind::head, 0,
                nlohmann::json{{"version", version}, {"incarnation", of}}.dump());
    return bytes;
  };
  struct strange {
    std::string bytes;
    std::string says;
  };
  for (const auto& [bytes, says] :
       {strange{head(format::version + 1, incarnation), "is of another version of this program"},
        strange{head(format::version, std::string(32, '1')), "belongs to another journal"},
        strange{std::string(200, 'x'), "is damaged at its beginning"}}) {
    write_content(mine, bytes);
    const auto done = cat_rent();
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(json_lines(done.out).size(), 1U);
    EXPECT_NE(done.err.find(says), std::string::npos) << done.err;
    const auto made = index();
    EXPECT_EQ(made.code, 0);
    EXPECT_NE(made.err.find(says + ": it is made anew"), std::string::npos) << made.err;
    EXPECT_EQ(cat_rent().err, "");
  }
}

TEST_F(journal_with_index, that_knows_more_than_a_restored_journal_is_not_used) {
  append_rent(1);
  const auto copy = directory_ / "copy";
  journal_.reset();
  std::filesystem::copy(directory_ / "journal", copy);
  journal_ = journal::open(url_).value();
  append_rent(2);
  ASSERT_EQ(index().code, 0);
  journal_.reset();
  std::filesystem::remove_all(directory_ / "journal");
  std::filesystem::copy(copy, directory_ / "journal");
  auto done = cat_rent();
  EXPECT_EQ(json_lines(done.out).size(), 1U);
  EXPECT_NE(done.err.find("knows records that the journal has not"), std::string::npos) << done.err;

  // It goes on another way.
  journal_ = journal::open(url_).value();
  const auto partition = partition_of("rent");
  std::promise<journal::append_status> status;
  journal::batch_builder builder;
  builder.add({.category = "ledger", .key = "rent", .first_sequence = 2, .time_us = written_us});
  journal_->append(partition, 1, builder.seal(stamp(partition)),
                   [&](journal::append_result result) { status.set_value(result.status); });
  ASSERT_EQ(status.get_future().get(), journal::append_status::appended);
  done = cat_rent();
  EXPECT_EQ(json_lines(done.out).size(), 1U);
  EXPECT_NE(done.err.find("does not fit the journal at record 2"), std::string::npos) << done.err;
}

TEST_F(journal_with_index, has_one_builder) {
  append_rent(1);
  ASSERT_EQ(index().code, 0);
  const auto lock = file().parent_path() / "lock";
  const int mine = ::open(lock.c_str(), O_RDWR);
  ASSERT_EQ(::flock(mine, LOCK_EX), 0);
  std::ofstream(lock) << "4711";
  const auto done = index();
  ::close(mine);
  EXPECT_EQ(done.code, 3);
  EXPECT_EQ(done.err.find("quipu: process 4711 is making the index in "), 0U) << done.err;
  EXPECT_EQ(index().code, 0);
}

TEST_F(journal_with_index, is_whole_when_its_making_is_stopped) {
  write_apart();
  for (int number : {SIGINT, SIGTERM, SIGKILL}) {
    process program(command({"journal", "index", url_, "--index", cache_, "--fresh"}));
    program.signal(number);
    program.wait();
    const auto done = cat_rent();
    EXPECT_EQ(done.err, "");
    EXPECT_EQ(json_lines(done.out).size(), 2U);
  }
}

TEST_F(journal_with_index, lies_in_the_users_cache) {
  append_rent(1);
  const auto name = std::filesystem::path("quipu") / journal_->about().incarnation.hex() / "index";
  const auto xdg = directory_ / "xdg";
  const auto home = directory_ / "home";
  const auto make = [&](const std::string& xdg_cache_home) {
    return run(command({"journal", "index", url_}), {},
               {.environment = {{"XDG_CACHE_HOME", xdg_cache_home}, {"HOME", home.string()}}});
  };
  EXPECT_EQ(make(xdg.string()).code, 0);
  EXPECT_TRUE(std::filesystem::exists(xdg / name));
  EXPECT_EQ(make("not/absolute").code, 0);
  EXPECT_TRUE(std::filesystem::exists(home / ".cache" / name));
}

TEST_F(journal_with_index, finds_hostile_keys) {
  const std::string key = "\x1b]0;owned\x07 / \\ @7\xff";
  append({.entity_key = key, .events = {"{}"}});
  append_rent(1);
  ASSERT_EQ(index().code, 0);
  const auto done = cat({"--index", cache_, "--json", "--entity", "ledger/" + journal::escape_key(key)});
  EXPECT_EQ(done.code, 0) << done.err;
  ASSERT_EQ(json_lines(done.out).size(), 1U);
  EXPECT_EQ(journal::unescape_key(json_lines(done.out)[0].at("key").get<std::string>()), key);
}

TEST_F(journal_with_index, that_cannot_be_written_is_named) {
  append_rent(1);
  std::ofstream(directory_ / "a_file") << "x";
  const auto done = quipu({"journal", "index", url_, "--index", (directory_ / "a_file").string()});
  EXPECT_EQ(done.code, 3);
  EXPECT_NE(done.err.find("a_file"), std::string::npos) << done.err;
  EXPECT_EQ(cat({"--index", (directory_ / "a_file").string()}).err, "");
}

}  // namespace
}  // namespace quipu::test
