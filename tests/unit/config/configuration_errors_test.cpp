// A mistake is named: where, which key, what is wrong and how to mend it.
#include "config_fixture.hpp"

namespace quipu::test {
namespace {

using parts = std::vector<std::string>;

class configuration_errors : public configuration {
 protected:
  static void expect(const result<options>& got, const parts& all, const std::string& about) {
    ASSERT_FALSE(got) << about;
    EXPECT_EQ(got.error().kind, error_kind::invalid);
    for (const auto& part : all)
      EXPECT_NE(got.error().text.find(part), std::string::npos) << about << "\n"
                                                                << got.error().text << "\n"
                                                                << part;
    EXPECT_EQ(got.error().text.find('\n'), std::string::npos) << got.error().text;
  }
};

TEST_F(configuration_errors, of_a_file) {
  const std::vector<std::pair<std::string, parts>> mistakes = {
      {R"({"partition": 3})", {"\"partition\" is no key", "did you mean \"partitions\"?"}},
      {R"({"admission": {"commands_per_partitons": 3}})",
       {"did you mean \"admission.commands_per_partition\"?"}},
      {R"({"entities": {"every_events": 3}})", {"did you mean \"snapshots.every_events\"?"}},
      {R"({"colour of the house": 3})", {"\"colour of the house\" is no key", "docs/configuration.md"}},
      {R"({"a\nb\u001b[1m": 3})", {R"("a\nb\u001b[1m" is no key)"}},
      {R"({"admission": 3})", {"\"admission\" is no key"}},
      {R"({"partitions": {"of": 3}})", {"\"partitions.of\" is no key"}},
      {R"({"partitions": "16"})", {"partitions: \"16\" is of the wrong type", "without quotes", "1 to 4096"}},
      {R"({"partitions": 0})", {"partitions: 0 is out of range", "1 to 4096"}},
      {R"({"partitions": 4097})", {"4097 is out of range"}},
      {R"({"partitions": -1})", {"-1 is out of range"}},
      {R"({"partitions": 1.5})", {"1.5 is no whole number"}},
      {R"({"partitions": 99999999999999999999})", {"partitions: ", "write a whole number"}},
      {R"({"partitions": null})", {"null is of the wrong type"}},
      {R"({"partitions": [1]})", {"a list is of the wrong type"}},
      {R"({"partitions": {}})", {"an empty object is of the wrong type"}},
      {R"({"threads": 4294967297})", {"is out of range"}},
      {R"({"take_over": "true"})",
       {"take_over: \"true\" is of the wrong type", "true or false, without quotes"}},
      {R"({"take_over": 1})", {"1 is of the wrong type"}},
      {R"({"deadline": 30000})", {"deadline: 30000 has no unit", "\"30 s\""}},
      {R"({"deadline": "30000"})", {"\"30000\" has no unit"}},
      {R"({"deadline": "30 sec"})", {"\"30 sec\" has an unknown unit", "ms, s, min, h or d"}},
      {R"({"deadline": "1.5 s"})", {"\"1.5 s\" has an unknown unit, or a fraction"}},
      {R"({"deadline": "-1 s"})", {"out of range"}},
      {R"({"deadline": "soon"})", {"\"soon\" does not begin with a number"}},
      {R"({"deadline": "9223372036854775807 d"})", {"out of range"}},
      {R"({"recovery_target": "0 ms"})", {"out of range", "at least 1 ms"}},
      {R"({"entities": {"state_bytes": "4 MB"}})", {"\"4 MB\" has an unknown unit", "KiB, MiB"}},
      {R"({"entities": {"state_bytes": "4 GiB"}})", {"out of range"}},
      {R"({"entities": {"state_bytes": 4096}})", {"4096 has no unit", "\"64 MiB\""}},
      {R"({"owner": 5})", {"owner: 5 is of the wrong type", "a text in quotes"}},
      {R"({"log": {"level": "loud"}})", {"log.level: \"loud\"", "debug, info, warning, error, off"}},
      {R"({"threads": 1, "threads": 2})", {"\"threads\" stands twice"}},
      {R"({"log": {"level": "info"}, "log.level": "info"})", {"log.level: ", "stands twice"}},
      {"[1]", {"write an object"}},
      {"", {":1:1: this is no JSON", "unexpected end of input"}},
      {"{\n  \"threads\": 1,\n  \"owner\" 2\n}", {":3:11: this is no JSON", "expected ':'"}},
      {"{\"owner\": \"\xff\"}", {":1:12: this is no JSON"}},
  };
  for (const auto& [content, all] : mistakes) {
    const auto path = file(content);
    auto expected = all;
    expected.push_back(path.string());
    expect(configured({}, {.file = path}), expected, content);
  }
}

TEST_F(configuration_errors, of_a_file_that_cannot_be_read) {
  expect(configured({}, {.file = directory_ / "none.json"}), {"none.json cannot be read", "No such file"},
         "none");
  expect(configured({}, {.file = directory_.path()}), {"cannot be read", "Is a directory"}, "a directory");
}

TEST_F(configuration_errors, of_the_environment) {
  const std::vector<std::pair<std::pair<std::string, std::string>, parts>> mistakes = {
      {{"QUIPU_PARTITION", "3"}, {"QUIPU_PARTITION is no key", "QUIPU_PARTITIONS"}},
      {{"QUIPU_PARTITIONS", "many"}, {"QUIPU_PARTITIONS (partitions)", "\"many\" is no whole number"}},
      {{"QUIPU_PARTITIONS", "3 "}, {"\"3 \" is no whole number"}},
      {{"QUIPU_DEADLINE", "30"}, {"QUIPU_DEADLINE (deadline)", "\"30\" has no unit"}},
      {{"QUIPU_TAKE_OVER", "yes"}, {"\"yes\" is neither true nor false"}},
  };
  for (const auto& [variable, all] : mistakes) {
    set(variable.first, variable.second);
    expect(configured({}), all, variable.first);
    ::unsetenv(variable.first.c_str());  // NOLINT(concurrency-mt-unsafe)
  }
  set("QUIPU_OF_SOMEBODY_ELSE", "3");
  EXPECT_TRUE(configured({}));
}

TEST_F(configuration_errors, of_the_code) {
  options code;
  code.admission.commands_per_partition = 0;
  expect(configured(code), {"options.admission.commands_per_partition is 0: at least 1"}, "code");
}

TEST_F(configuration_errors, repeat_no_secret) {
  for (const std::string content :
       {R"({"login": {"password": 47110815}})", R"({"login": {"token": ["47110815"]}})",
        R"({"login": {"password": "47110815)", R"({"login": {"password": "47110815" "x"}})",
        R"({"login": {"password": "47110815\q"}})", R"({"journal": 47110815})",
        R"({"login": {"password": 47110815e999999}})", R"({"login": {"password": 47110815x}})"}) {
    const auto got = configured({}, {.file = file(content)});
    ASSERT_FALSE(got) << content;
    EXPECT_EQ(got.error().text.find("4711"), std::string::npos) << got.error().text;
  }
}

}  // namespace
}  // namespace quipu::test
