// Every command that the program lists: new ones are tested here by themselves.
#include <algorithm>
#include <chrono>
#include <map>
#include <sstream>

#include "journal_for_cli.hpp"
#include "pseudo_terminal.hpp"
#include "support/loopback.hpp"

namespace quipu::test {
namespace {

using namespace std::chrono_literals;

class every_command : public journal_for_cli {
 protected:
  using json = nlohmann::json;
  using words = std::vector<std::string>;

  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  static words split(const std::string& text) {
    std::istringstream in(text);
    words out;
    for (std::string word; in >> word;) out.push_back(word);
    return out;
  }
  static std::size_t columns(const std::string& line) {
    return static_cast<std::size_t>(
        std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
  }

  every_command() : all_(json_lines(quipu({"--commands", "--json"}).out)) {}

  /// Without the program's name.
  static words name_of(const json& command) {
    auto out = split(command.at("command"));
    out.erase(out.begin());
    return out;
  }
  /// Those that take a journal's URL, called with this one and with something for whatever else they need.
  std::vector<words> calls_with(const std::string& url) const {
    std::vector<words> out;
    for (const auto& command : all_) {
      auto call = name_of(command);
      bool takes_url = false;
      for (const auto& one : command.at("takes")) {
        const bool is_url = one.at("url").get<bool>() || one.at("name") == "FROM";
        takes_url = takes_url || is_url;
        if (!is_url && !one.at("required").get<bool>()) continue;
        if (!one.at("positional").get<bool>()) call.push_back(one.at("name"));
        call.push_back(is_url ? url : something_for(one.at("name")));
      }
      if (takes_url) out.push_back(std::move(call));
    }
    return out;
  }
  std::string something_for(const std::string& name) const {
    static const std::map<std::string, std::string> known{{"ENTITY", "ledger/rent"},
                                                          {"--entity", "ledger/rent"},
                                                          {"COMMAND-ID", std::string(32, '1')},
                                                          {"COMMAND", "ledger.Note"},
                                                          {"JSON", "{}"},
                                                          {"--generation", "1"}};
#ifdef QUIPU_BANK_MODULE
    if (name == "--module") return QUIPU_BANK_MODULE;
#endif
    if (name == "--directory" || name == "DIRECTORY") return directory_.path().string();
    const auto found = known.find(name);
    return found == known.end() ? "x" : found->second;
  }
  /// All at once: most of their time they wait.
  void expect_given_up(const std::string& url) {
    const auto calls = calls_with(url);
    ASSERT_GE(calls.size(), 5U);
    const time_limit until(5s);
    std::vector<std::unique_ptr<process>> running;
    for (const auto& call : calls) {
      running.push_back(std::make_unique<process>(command(call)));
      running.back()->close_input();
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
      std::string shown;
      for (const auto& word : calls[i]) shown += " " + word;
      SCOPED_TRACE("quipu" + shown);
      const auto done = running[i]->wait(std::max<std::chrono::milliseconds>(until.left(), 1ms));
      EXPECT_TRUE(done.code == 2 || done.code == 3) << done.code << " " << done.err;
      EXPECT_TRUE(done.err.starts_with("quipu: ")) << done.err;
    }
  }

  std::vector<json> all_;
};

TEST_F(every_command, has_help_with_examples_that_fits_a_screen) {
  ASSERT_GE(all_.size(), 15U);
  for (const auto& command : all_) {
    SCOPED_TRACE(command.at("command"));
    EXPECT_NE(command.at("does"), "");
    auto call = name_of(command);
    call.emplace_back("--help");
    const auto done = quipu(call);
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(done.err, "");
    EXPECT_TRUE(has(done.out, "Usage: " + command.at("command").get<std::string>())) << done.out;
    EXPECT_TRUE(has(done.out, "Examples:\n  quipu ")) << done.out;
    EXPECT_TRUE(command.at("group").get<bool>() || has(done.out, "--json")) << done.out;
    for (const auto& line : lines_of(done.out)) EXPECT_LE(columns(line), 110U) << line;
  }
}

TEST_F(every_command, has_help_that_fits_a_narrow_terminal) {
  for (const auto& command : all_) {
    SCOPED_TRACE(command.at("command"));
    auto call = name_of(command);
    call.emplace_back("--help");
    on_terminal narrow(journal_for_cli::command(call), 40, 24);
    EXPECT_EQ(narrow.wait(), 0);
    for (const auto& line : lines_of(narrow.written())) {
      const auto text = line.substr(0, line.find('\r'));
      auto all = split(text);
      if (!all.empty() && all.back() == "\\") all.pop_back();
      const bool quoted = has(text, "'");  // one argument, which is not broken
      EXPECT_TRUE(columns(text) <= 40 || quoted || (all.size() <= 3 && all.back().size() > 20)) << text;
    }
  }
}

TEST_F(every_command, lists_for_scripts_too) {
  const auto lines = lines_of(quipu({"--commands"}).out);
  ASSERT_EQ(lines.size(), all_.size());
  const auto cat =
      std::ranges::find_if(lines, [](const auto& line) { return line.starts_with("quipu journal cat\t"); });
  ASSERT_NE(cat, lines.end());
  EXPECT_TRUE(has(*cat, "--entity")) << *cat;
  EXPECT_EQ(std::ranges::count(*cat, '\t'), 2);
}

TEST_F(every_command, says_what_is_wrong_with_a_url) {
  expect_given_up("here");
  expect_given_up("nats://127.0.0.1:1/no.name");
}

TEST_F(every_command, gives_up_within_five_seconds_where_nobody_listens) {
  const reserved_port closed;
  expect_given_up("nats://127.0.0.1:" + std::to_string(closed.number()) + "/bank");
}

TEST_F(every_command, gives_up_within_five_seconds_where_nobody_answers) {
  const reserved_port port;
  const auto silent = listen_on(port);
  expect_given_up("nats://127.0.0.1:" + std::to_string(port.number()) + "/bank");
}

}  // namespace
}  // namespace quipu::test
