#include "journal_for_cli.hpp"

namespace quipu::test {
namespace {

/// Whether a terminal would show every byte of it instead of obeying one.
bool harmless(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f) return false;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return false;
  }
  // Bidirectional override, and a C1 control outside of any UTF-8 sequence.
  return text.find("\xe2\x80\xae") == std::string::npos && text.find('\x9b') == std::string::npos;
}

const std::string attack =
    "\x1b]0;owned\x07\x1b[2J\r\n\x7f\xc2\x9b"
    "31m\xe2\x80\xae"
    "\x9b"
    "1m\xff";

class hostile_content : public journal_for_cli {
 protected:
  void write_attacks() {
    claim(partition_of(attack), 1, attack);
    append({.entity_key = attack,
            .events = {R"({"text":"\u001b[2J\u009b31m\u202e\u0000\n"})"},
            .headers = {{attack, attack}}});
    append_event(attack, {{attack, {5, 5}}, as_bytes(attack)});
    append_event(attack, {{attack, schema_}, as_bytes(attack)});
  }
};

TEST_F(hostile_content, never_reaches_the_terminal) {
  write_attacks();
  for (const auto& done : {cat(), cat({"--json"}), info(), info({"--json"})}) {
    EXPECT_FALSE(done.out.empty());
    EXPECT_TRUE(harmless(done.out)) << done.out;
    EXPECT_TRUE(harmless(done.err)) << done.err;
  }
}

TEST_F(hostile_content, comes_back_whole_from_json) {
  write_attacks();
  auto lines = json_lines(cat({"--json"}).out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].at("payload").at("text").get<std::string>(), std::string("\x1b[2J\xc2\x9b"
                                                                              "31m\xe2\x80\xae\0\n",
                                                                              14));
  EXPECT_EQ(journal::unescape_key(lines[0].at("key").get<std::string>()), attack);
}

TEST_F(hostile_content, in_a_key_can_be_asked_for_as_it_is_shown) {
  write_attacks();
  append({.entity_key = "zo\xc3\xab / \\ @7", .events = {"{}"}});
  EXPECT_EQ(json_lines(cat({"--json", "--entity", "ledger/" + journal::escape_key(attack)}).out).size(), 3U);
  auto found = json_lines(cat({"--json", "--entity", "ledger/zo\\xc3\\xab / \\x5c @7"}).out);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at("id"), "ledger/zo\\xc3\\xab / \\x5c @7@1");
}

TEST_F(hostile_content, in_arguments_comes_back_escaped) {
  std::string word = "\x1b[31m\xc2\x9b";
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{word},
                                             {"journal", word},
                                             {"journal", "cat", word},
                                             {"journal", "cat", "lmdb:/no" + word},
                                             {"journal", "cat", url_, word},
                                             {"journal", "cat", url_, "--from", word},
                                             {"journal", "cat", url_, "--limit", word},
                                             {"journal", "cat", url_, "--entity", word}}) {
    auto done = quipu(arguments);
    EXPECT_GE(done.code, 2);
    EXPECT_TRUE(harmless(done.err)) << done.err;
    EXPECT_EQ(done.out, "");
  }
}

}  // namespace
}  // namespace quipu::test
