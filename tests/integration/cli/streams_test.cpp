#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "journal_for_cli.hpp"

namespace quipu::test {
namespace {

class streams : public journal_for_cli {
 protected:
  /// More output than any pipe holds.
  void write_much() {
    std::string text(1000, 'x');
    std::vector<std::string> events(40, R"({"text":")" + text + R"("})");
    for (int i = 0; i < 25; ++i) {
      append(
          {.entity_key = "rent", .first_sequence = static_cast<std::uint64_t>(40 * i + 1), .events = events});
    }
  }
};

TEST_F(streams, a_pipe_that_closes_early_makes_no_noise) {
  write_much();
  auto done = run({"/bin/sh", "-c", "{ \"$0\" journal cat \"$1\"; echo \"code $?\" >&2; } | head -n 1",
                   QUIPU_PROGRAM, url_});
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(lines_of(done.out).size(), 1U);
  EXPECT_EQ(done.err, "code 0\n");
}

TEST_F(streams, help_in_a_closed_pipe_makes_no_noise) {
  process program(command({"journal", "cat", "--help"}));
  program.close_output();
  auto done = program.wait();
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.err, "");
}

TEST_F(streams, interrupting_it_ends_it_by_the_signal_after_a_whole_line) {
  write_much();
  for (int number : {SIGINT, SIGTERM}) {
    process program(command({"journal", "cat", "--json", url_}));
    ASSERT_TRUE(program.read_line());  // from now on it is stuck in a full pipe, or on its way there
    program.signal(number);
    auto done = program.wait();
    EXPECT_EQ(done.signal, number);
    EXPECT_EQ(done.err, "");
  }
}

TEST_F(streams, a_full_disk_is_named) {
  append({.entity_key = "rent", .events = {"{}"}});
  auto done = run({"/bin/sh", "-c", "exec \"$0\" journal cat \"$1\" > /dev/full", QUIPU_PROGRAM, url_});
  EXPECT_EQ(done.code, 3);
  EXPECT_EQ(done.err, "quipu: cannot write the output: No space left on device\n");
}

TEST_F(streams, a_missing_stdout_is_named_and_touches_no_file) {
  append({.entity_key = "rent", .events = {"{}"}});
  auto done = run({"/bin/sh", "-c", "exec \"$0\" journal cat \"$1\" >&-", QUIPU_PROGRAM, url_});
  EXPECT_EQ(done.code, 3);
  EXPECT_NE(done.err.find("cannot write the output"), std::string::npos);
  EXPECT_EQ(cat().code, 0);
}

TEST_F(streams, it_reads_beside_a_live_writer) {
  append({.entity_key = "rent", .events = {R"({"amount":1})"}});
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> written = 1;
  std::thread writer([&] {
    while (!stop) {
      append({.entity_key = "rent", .first_sequence = written + 1, .events = {R"({"amount":1})"}});
      ++written;
    }
  });
  for (int round = 0; round < 5; ++round) {
    auto before = written.load();
    auto done = cat({"--json"});
    auto after = written.load();
    EXPECT_EQ(done.code, 0) << done.err;
    auto lines = json_lines(done.out);
    EXPECT_GE(lines.size(), before);
    EXPECT_LE(lines.size(), after + 1);
    for (std::size_t i = 0; i < lines.size(); ++i) ASSERT_EQ(lines[i].at("sequence"), i + 1);
    auto figures = json_lines(info({"--json"}).out).at(0);
    EXPECT_EQ(figures.at("events"), figures.at("records"));
    EXPECT_GE(figures.at("events"), after);
  }
  stop = true;
  writer.join();
  append({.entity_key = "rent", .first_sequence = written + 1, .events = {"{}"}});
}

}  // namespace
}  // namespace quipu::test
