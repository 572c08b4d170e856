// The log's own sink: what its lines look like, whatever is in an entry.
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

#include "config_fixture.hpp"
#include "log/logger.hpp"
#include "log/standard_sink.hpp"

namespace quipu::test {
namespace {

const log_entry entry{.time = std::chrono::sys_time<std::chrono::microseconds>(
                          std::chrono::microseconds(1'767'323'045'000'006)),
                      .level = log_level::warning,
                      .component = "partition",
                      .text = "it \"stops\"\n2026 error: forged \x1b[1m",
                      .fields = {{"partition", 3}, {"why", "a\tb"}}};

class log_lines : public configuration {
 protected:
  std::string written(log_format format) const {
    const auto path = directory_ / "log";
    const auto sink = log::standard_sink({.format = format, .file = path});
    if (!sink) return sink.error();
    (*sink)(entry);
    (*sink)(entry);
    std::ostringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  }
};

TEST_F(log_lines, are_one_line_an_entry) {
  const std::string line =
      "2026-01-02T03:04:05.000006Z warning partition: it \"stops\"\\x0a2026 error: forged \\x1b[1m "
      "partition=3 why=a\\x09b\n";
  EXPECT_EQ(written(log_format::text), line + line);
}

TEST_F(log_lines, are_one_object_an_entry) {
  std::istringstream all(written(log_format::json));
  std::string line;
  int lines = 0;
  for (; std::getline(all, line); ++lines) {
    const auto object = nlohmann::json::parse(line);
    EXPECT_EQ(object.at("time"), "2026-01-02T03:04:05.000006Z");
    EXPECT_EQ(object.at("level"), "warning");
    EXPECT_EQ(object.at("component"), "partition");
    EXPECT_EQ(object.at("text"), entry.text);
    EXPECT_EQ(object.at("partition"), 3);
    EXPECT_EQ(object.at("why"), "a\tb");
  }
  EXPECT_EQ(lines, 2);
}

TEST_F(log_lines, a_file_that_cannot_be_opened_is_an_error) {
  const auto sink = log::standard_sink({.file = directory_.path()});
  ASSERT_FALSE(sink);
  EXPECT_NE(sink.error().find(directory_.path().string()), std::string::npos) << sink.error();
}

TEST(logger, says_what_is_wanted_and_outlives_a_sink_that_throws) {
  int entries = 0;
  const log::logger one([&](const log_entry&) { ++entries, throw std::runtime_error("full"); },
                        log_level::warning, [] { return entry.time; });
  one.say(log_level::info, "node", "quiet");
  EXPECT_EQ(entries, 0);
  one.say(log_level::warning, "node", "loud");
  EXPECT_EQ(entries, 1);
  const log::logger none([&](const log_entry&) { ++entries; }, log_level::off, [] { return entry.time; });
  none.say(log_level::error, "node", "not even this");
  EXPECT_EQ(entries, 1);
}

TEST(rate_limit, says_how_many_were_left_out) {
  log::rate_limit limit;
  int passed = 0;
  for (int i = 0; i < 100; ++i) passed += limit.pass(10'000'000).has_value() ? 1 : 0;
  EXPECT_EQ(passed, 5);
  EXPECT_EQ(limit.pass(11'000'000), 95);
  EXPECT_EQ(limit.pass(11'000'000), 0);
}

}  // namespace
}  // namespace quipu::test
