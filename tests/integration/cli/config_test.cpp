// quipu config: what holds, where it came from, and nothing secret.
#include <algorithm>
#include <fstream>

#include "journal_for_cli.hpp"

namespace quipu::test {
namespace {

class config_commands : public journal_for_cli {
 protected:
  std::string file(const std::string& content) const {
    std::ofstream(directory_ / "quipu.json") << content;
    return (directory_ / "quipu.json").string();
  }
  ending show(const std::vector<std::string>& more, const surroundings& where = {}) const {
    std::vector<std::string> all{"config", "show"};
    all.insert(all.end(), more.begin(), more.end());
    return run(command(all), {}, where);
  }
};

TEST_F(config_commands, shows_each_value_with_its_source) {
  const auto path =
      file(R"({"threads": 3, "journal": "nats://ann:s3cr3t@h:1/bank", "login": {"password": "s3cr3t"}})");
  const surroundings where{.environment = {{"QUIPU_NATS_TOKEN", "t0k3n"}, {"QUIPU_LOG_LEVEL", "info"}}};
  const auto done = show({"--file", path, "--json"}, where);
  EXPECT_EQ(done.code, 0) << done.err;
  const auto lines = json_lines(done.out);
  const auto of = [&](const std::string& key) {
    const auto found = std::ranges::find_if(lines, [&](const auto& line) { return line.at("key") == key; });
    return found == lines.end()
               ? "none"
               : found->at("value").get<std::string>() + " " + found->at("source").get<std::string>();
  };
  EXPECT_EQ(of("partitions"), "16 default");
  EXPECT_EQ(of("threads"), "3 " + path);
  EXPECT_EQ(of("log.level"), "info QUIPU_LOG_LEVEL");
  EXPECT_EQ(of("journal"), "nats://…@h:1/bank " + path);
  EXPECT_EQ(of("login.token"), "… QUIPU_NATS_TOKEN");

  const auto text = show({"--file", path}, where);
  EXPECT_EQ(lines_of(text.out).size(), lines.size());
  for (const auto& out : {done.out, text.out})
    for (const std::string secret : {"s3cr3t", "t0k3n"})
      EXPECT_EQ(out.find(secret), std::string::npos) << out;
}

TEST_F(config_commands, a_mistake_is_wrong_usage) {
  const auto done = show({"--file", file(R"({"treads": 3})")});
  EXPECT_EQ(done.code, 2);
  EXPECT_EQ(done.out, "");
  EXPECT_NE(done.err.find("did you mean \"threads\"?"), std::string::npos) << done.err;
  EXPECT_EQ(show({}, {.environment = {{"QUIPU_THREADS", "many"}}}).code, 2);
}

TEST_F(config_commands, keys_have_defaults_and_reasons) {
  const auto keys = json_lines(quipu({"config", "keys", "--json"}).out);
  EXPECT_EQ(keys.size(), lines_of(show({}).out).size());
  for (const auto& key : keys) EXPECT_NE(key.at("reason"), "") << key;
}

}  // namespace
}  // namespace quipu::test
