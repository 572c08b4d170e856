#include <filesystem>
#include <fstream>

#include "journal_for_cli.hpp"

namespace quipu::test {
namespace {

using arguments = std::vector<std::string>;

class usage : public journal_for_cli {};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_F(usage, every_level_has_help_with_examples) {
  for (const auto& level : std::vector<arguments>{{},
                                                  {"journal"},
                                                  {"journal", "create"},
                                                  {"journal", "info"},
                                                  {"journal", "cat"},
                                                  {"journal", "verify"},
                                                  {"journal", "export"},
                                                  {"journal", "import"},
                                                  {"journal", "tail"},
                                                  {"journal", "index"},
                                                  {"config"},
                                                  {"config", "keys"},
                                                  {"config", "show"},
                                                  {"projection"},
                                                  {"projection", "ls"},
                                                  {"projection", "rows"},
                                                  {"projection", "status"},
                                                  {"projection", "promote"},
                                                  {"projection", "pause"},
                                                  {"projection", "resume"},
                                                  {"dead-letter"},
                                                  {"dead-letter", "ls"},
                                                  {"dead-letter", "show"},
                                                  {"dead-letter", "retry"},
                                                  {"dead-letter", "skip"},
                                                  {"replay"},
                                                  {"explain"}}) {
    auto asked = level;
    asked.emplace_back("--help");
    auto done = quipu(asked);
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(done.err, "");
    EXPECT_TRUE(has(done.out, "Usage: quipu")) << done.out;
    EXPECT_TRUE(has(done.out, "Examples:\n  quipu ")) << done.out;
  }
}

TEST_F(usage, the_version_is_one_line) {
  auto done = quipu({"--version"});
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(lines_of(done.out).size(), 1U);
  EXPECT_EQ(done.out.find("quipu "), 0U);
}

TEST_F(usage, wrong_arguments_are_named) {
  struct wrong {
    arguments given;
    std::string says;
  };
  for (const auto& [given, says] :
       std::vector<wrong>{{{},
                           "quipu has the commands: journal, config, module, projection, snapshot, "
                           "dead-letter, replay, send, doctor, top, "
                           "explain"},
                          {{"jurnal"}, "\"jurnal\" is no command"},
                          {{"journal"},
                           "quipu journal has the commands: create, info, cat, tail, history, trace, verify, "
                           "export, import, index"},
                          {{"snapshot"}, "quipu snapshot has the commands: ls, show, verify, rebuild"},
                          {{"module"}, "quipu module has the commands: info"},
                          {{"module", "info"}, "FILE is required"},
                          {{"journal", "dog"}, "\"dog\" is no command"},
                          {{"journal", "cat"}, "URL is required"},
                          {{"journal", "cat", url_, "--wrong"}, "--wrong"},
                          {{"journal", "cat", url_, "--limit", "-1"}, "--limit"},
                          {{"journal", "cat", url_, "--limit", "many"}, "--limit"},
                          {{"journal", "cat", url_, "--from", "2:x"}, "--from 2:x"},
                          {{"journal", "cat", url_, "--from", "1:65536"}, "--from 1:65536"},
                          {{"journal", "cat", url_, "--from", ""}, "--from"},
                          {{"journal", "cat", url_, "--entity", ""}, "--entity"},
                          {{"journal", "cat", url_, "--type", ""}, "--type"},
                          {{"journal", "cat", url_, "--entity", "noslash"}, "--entity noslash"},
                          {{"journal", "cat", url_, "--entity", "ledger/a\\b"}, "--entity"},
                          {{"journal", "create", "lmdb:" + (directory_ / "x").string(), "--partitions", "0"},
                           "--partitions"},
                          {{"journal", "create", "lmdb:" + (directory_ / "x").string(), "--partitions", "-1"},
                           "--partitions"}}) {
    auto done = quipu(given);
    EXPECT_EQ(done.code, 2) << says;
    EXPECT_EQ(done.out, "");
    EXPECT_TRUE(has(done.err, says)) << done.err;
  }
  EXPECT_FALSE(std::filesystem::exists(directory_ / "x"));
}

TEST_F(usage, wrong_urls_are_wrong_usage) {
  for (const std::string url :
       {"journal", "http://here", "", ":", "lmdb:", "lmdb:x?colour=red", "memory:x"}) {
    for (const std::string command : {"info", "cat", "tail", "index", "create"}) {
      auto done = quipu({"journal", command, url});
      EXPECT_EQ(done.code, 2) << command << ' ' << url;
      EXPECT_EQ(done.err.find("quipu: "), 0U) << done.err;
      EXPECT_EQ(done.out, "");
    }
  }
}

TEST_F(usage, what_is_no_journal_cannot_be_opened) {
  std::filesystem::create_directory(directory_ / "empty");
  std::filesystem::create_directory(directory_ / "other");
  std::ofstream(directory_ / "other" / "data.mdb") << std::string(20'000, 'x');
  for (const auto& place : {directory_ / "missing", directory_ / "empty", directory_ / "other"}) {
    for (const std::string command : {"info", "cat", "tail", "index"}) {
      auto done = quipu({"journal", command, "lmdb:" + place.string()});
      EXPECT_EQ(done.code, 3) << done.err;
      EXPECT_TRUE(has(done.err, place.string())) << done.err;
      EXPECT_EQ(done.out, "");
    }
  }
  EXPECT_FALSE(std::filesystem::exists(directory_ / "missing")) << "looking must make nothing";
}

TEST_F(usage, errors_end_with_a_code_that_can_be_explained) {
  auto done = quipu({"journal", "cat", "lmdb:" + (directory_ / "missing").string()});
  EXPECT_TRUE(has(done.err, "[storage.not_found]\n")) << done.err;
  auto explained = quipu({"explain", "storage.not_found", "--json"});
  EXPECT_EQ(explained.code, 0) << explained.err;
  auto entry = json_lines(explained.out).at(0);
  EXPECT_EQ(entry.at("code"), "storage.not_found");
  EXPECT_EQ(entry.at("kind"), "not_found");
  for (const char* part : {"means", "cure"}) EXPECT_NE(entry.at(part), "");
  auto text = quipu({"explain", "storage.not_found"});
  EXPECT_TRUE(has(text.out, entry.at("cure").get<std::string>())) << text.out;
  auto all = quipu({"explain", "--json"});
  EXPECT_EQ(json_lines(all.out).size(), all_errors().size());

  auto near = quipu({"explain", "storage.gone"});
  EXPECT_EQ(near.code, 2);
  EXPECT_TRUE(has(near.err, "storage.not_found")) << near.err;
  EXPECT_EQ(quipu({"explain", "dog"}).code, 2);
}

TEST_F(usage, the_page_of_errors_is_the_table) {
  std::ifstream file(QUIPU_ERRORS_PAGE);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(quipu({"explain", "--markdown"}).out, page)
      << "docs/errors.md is made by a program; after a change of the table:\n"
         "  build/release/tools/quipu/quipu explain --markdown > docs/errors.md";
}

TEST_F(usage, create_makes_a_journal_once) {
  auto url = "lmdb:" + (directory_ / "new").string();
  auto done =
      quipu({"journal", "create", url, "--partitions", "3", "--max-record-bytes", "100000", "--json"});
  EXPECT_EQ(done.code, 0) << done.err;
  auto made = json_lines(done.out).at(0);
  EXPECT_EQ(made.at("partitions"), 3);
  EXPECT_EQ(made.at("max_record_bytes"), 100000);
  auto opened = journal::open(url);
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_EQ((*opened)->about().partitions, 3U);
  EXPECT_EQ((*opened)->about().lineage.hex(), made.at("lineage").get<std::string>());
  EXPECT_EQ((*opened)->about().creator.find("quipu "), 0U);
  opened->reset();

  auto again = quipu({"journal", "create", url});
  EXPECT_EQ(again.code, 3);
  EXPECT_TRUE(has(again.err, "already")) << again.err;
}

}  // namespace
}  // namespace quipu::test
