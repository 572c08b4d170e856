// `quipu top` on terminals of two sizes, in a pipe, and beside a writer.
#include <chrono>
#include <csignal>

#include "journal_for_cli.hpp"
#include "pseudo_terminal.hpp"
#include "support/nats_server.hpp"

namespace quipu::test {
namespace {

using namespace std::chrono_literals;

class top : public journal_for_cli {
 protected:
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  static std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  static constexpr auto take = "\x1b[?1049h\x1b[?25l";
  static constexpr auto give_back = "\x1b[?25h\x1b[?1049l";

  explicit top(std::string url = {}) : journal_for_cli(std::move(url)) {
    claim(partition_of("rent"), 3, "here\x1b[31m pid 7");
  }
  std::vector<std::string> watching(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"top", url_, "--interval", "200ms"});
    return command(std::move(more));
  }
  /// One commit of two events, decided now.
  void write() {
    append({.entity_key = "rent",
            .first_sequence = next_,
            .events = {R"({"text":"one"})", R"({"text":"two"})"},
            .time_us = now_us()});
    next_ += 2;
  }
  /// Until an interval has what was written, which it may have begun before or after.
  nlohmann::json line_with_events(process& watching) {
    for (;;) {
      write();
      auto line = nlohmann::json::parse(watching.read_line().value());
      if (line.at("events_per_second") > 0) return line;
    }
  }
  /// The line of the screen that begins so, or nothing.
  static std::string line_of(const on_terminal& screen, std::string_view begin) {
    for (const auto& line : screen.frame())
      if (line.starts_with(begin)) return line;
    return {};
  }
  static void expect_fits(const on_terminal& screen, std::size_t columns, std::size_t rows) {
    EXPECT_GT(screen.frame().size(), 9U) << screen.written();
    EXPECT_LE(screen.frame().size(), rows);
    for (const auto& line : screen.frame()) EXPECT_LE(line.size(), columns) << line;
  }

  std::uint64_t next_ = 1;
};

TEST_F(top, fits_a_wide_and_a_narrow_terminal_and_follows_its_size) {
  on_terminal screen(watching(), 120, 40);
  screen.wait_for(take);
  screen.wait_for("part  events/s  epoch    last  owner");
  screen.wait_for("here\\x1b[31m pid 7");
  screen.wait_for("\x1b[J");
  expect_fits(screen, 120, 40);
  EXPECT_TRUE(has(screen.frame().at(0), "quipu top  " + url_)) << screen.frame().at(0);
  screen.resize(40, 12);
  screen.wait_for("part  events/s  epoch    last\x1b[K");
  screen.wait_for("\x1b[J");
  expect_fits(screen, 40, 12);
  EXPECT_TRUE(has(line_of(screen, "delay"), "nothing was committed"));
  screen.press("xyz\x1b[A");
  screen.press("q");
  EXPECT_EQ(screen.wait(), 0);
  EXPECT_TRUE(screen.written().ends_with(give_back));
  EXPECT_TRUE(screen.is_as_it_was());
  EXPECT_FALSE(has(screen.written(), "xyz")) << "keys are not shown";
}

TEST_F(top, shows_hostile_names_without_obeying_them) {
  on_terminal screen(watching(), 120, 40);
  screen.wait_for("here\\x1b[31m pid 7");
  screen.press("q");
  EXPECT_EQ(screen.wait(), 0);
  EXPECT_FALSE(has(screen.written(), "\x1b[31m"));
}

TEST_F(top, counts_what_is_written_meanwhile) {
  on_terminal screen(watching(), 80, 24);
  screen.wait_for("\x1b[J");
  const time_limit until(20s);
  while (!until.over() && !has(line_of(screen, "delay"), "p50")) {
    write();
    screen.wait_for("\x1b[J");
  }
  EXPECT_TRUE(has(line_of(screen, "delay"), " ms, p99 ")) << screen.written();
  EXPECT_TRUE(has(line_of(screen, "events"), "#")) << line_of(screen, "events");
}

TEST_F(top, gives_the_terminal_back_at_signals) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    on_terminal screen(watching(), 80, 24);
    screen.wait_for("part");
    if (number == SIGINT)
      screen.press("\x03");  // as a person does it
    else
      screen.signal(number);
    EXPECT_EQ(screen.wait(), 128 + number);
    EXPECT_TRUE(screen.written().ends_with(give_back)) << screen.written();
    EXPECT_TRUE(screen.is_as_it_was());
  }
}

TEST_F(top, gives_the_terminal_back_while_it_is_stopped) {
  on_terminal screen(watching(), 80, 24);
  screen.wait_for("part");
  screen.press("\x1a");
  screen.wait_until_stopped();
  EXPECT_TRUE(screen.written().ends_with(give_back)) << screen.written();
  EXPECT_TRUE(screen.is_as_it_was());
  screen.signal(SIGCONT);
  screen.wait_for(take);
  screen.wait_for("part");
  EXPECT_FALSE(screen.is_as_it_was());
  screen.press("q");
  EXPECT_EQ(screen.wait(), 0);
}

TEST_F(top, shows_one_interval_where_there_is_no_terminal) {
  const auto done = run(watching());
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(has(done.out, "part  events/s  epoch    last  owner\n")) << done.out;
  EXPECT_FALSE(has(done.out, "\x1b"));
  EXPECT_EQ(run(watching({"--interval", "fast"})).code, 2);
  EXPECT_EQ(quipu({"top", url_, "--interval", "1ms"}).code, 2);
}

TEST_F(top, gives_an_object_an_interval) {
  process watching(this->watching({"--json"}));
  const auto line = line_with_events(watching);
  EXPECT_GT(line.at("commands_per_second"), 0);
  EXPECT_EQ(line.at("events_per_second").get<double>(), 2 * line.at("commands_per_second").get<double>());
  EXPECT_GT(line.at("bytes_per_second"), 0);
  EXPECT_LT(line.at("delay_p50_ms"), 5000);
  const auto& busiest = line.at("partitions").at(0);
  EXPECT_EQ(busiest.at("partition"), partition_of("rent"));
  EXPECT_EQ(busiest.at("owner"), "here\x1b[31m pid 7");
  EXPECT_TRUE(line.at("trouble").is_null());
  watching.signal(SIGTERM);
  EXPECT_EQ(watching.wait().signal, SIGTERM);
  EXPECT_EQ(json_lines(run(this->watching({"--json", "--once"})).out).size(), 1U);
}

/// Made before the journal that lies on it.
struct a_server_to_watch {
  a_server_to_watch() { server_.start(); }
  nats_server server_;
};

class top_on_nats : private a_server_to_watch, public top {
 protected:
  top_on_nats() : top(a_server_to_watch::server_.url("cli")) {}
  using a_server_to_watch::server_;
};

TEST_F(top_on_nats, follows_and_waits_for_a_server_that_went_away) {
  process watching(this->watching({"--json"}));
  EXPECT_EQ(line_with_events(watching).at("partitions").at(0).at("epoch"), 1);
  server_.kill();
  auto line = nlohmann::json::parse(watching.read_line().value());
  while (line.at("trouble").is_null()) line = nlohmann::json::parse(watching.read_line().value());
  server_.start();
  while (!line.at("trouble").is_null()) line = nlohmann::json::parse(watching.read_line().value());
  watching.signal(SIGTERM);
  EXPECT_EQ(watching.wait().signal, SIGTERM);
}

}  // namespace
}  // namespace quipu::test
