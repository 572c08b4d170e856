// `quipu dead-letter` beside the program that runs a reaction, and without one.
#include <nlohmann/json.hpp>

#include "reactions_fixture.hpp"
#include "support/process.hpp"

namespace quipu::test {
namespace {

using nlohmann::json;

class beside_a_reaction : public reaction_fixture {
 protected:
  void SetUp() override {
    use("lmdb:" + (directory_ / "j").string());
    the_mischief.throw_at({2});
    send("a", 1);
    send("a", 2);
    wait_for(send("a", 3));
  }
  ending letters(std::vector<std::string> words) const {
    words.insert(words.begin(), {QUIPU_PROGRAM, "dead-letter"});
    words.insert(words.end(), {"--directory", (directory_ / "node").string()});
    return run(words);
  }
};

TEST_F(beside_a_reaction, its_commands_are_listed_retried_and_skipped) {
  const auto listed = letters({"ls", "--json"});
  EXPECT_EQ(listed.code, 1) << listed.err;
  const auto first = json::parse(listed.out);
  EXPECT_EQ(first["event"], "desk/d@2");
  EXPECT_EQ(first["target"], "box/a");
  EXPECT_EQ(first["type"], "relay.Take");
  EXPECT_EQ(first["waiting"], 1);
  const auto shown = letters({"show", "carrier", "desk/d@2", "--journal", url_, "--json"});
  ASSERT_EQ(shown.code, 0) << shown.err;
  EXPECT_EQ(json::parse(shown.out)["payload"]["number"], 2);
  const auto behind = letters({"retry", "carrier", "desk/d@3"});
  EXPECT_EQ(behind.code, 2);
  EXPECT_NE(behind.err.find("wait behind those of desk/d@2"), std::string::npos) << behind.err;

  the_mischief.throw_at({3});
  const auto retried = letters({"retry", "carrier", "desk/d@2", "--json"});
  ASSERT_EQ(retried.code, 0) << retried.err;
  EXPECT_EQ(json::parse(retried.out)["applied"], 1);
  await([&] { return in("a") == numbers{1, 2} && reactor_->status().dead_letters == 1; }, "3 fails now");
  const auto skipped = letters({"skip", "carrier", "desk/d@3", "--reason", "typed twice"});
  ASSERT_EQ(skipped.code, 0) << skipped.err;
  wait_for(send("a", 5));
  EXPECT_EQ(in("a"), (numbers{1, 2, 5}));
  EXPECT_EQ(letters({"ls"}).code, 0);
  EXPECT_EQ(reactor_->skipped().value().at(0).reason, "typed twice");
}

TEST_F(beside_a_reaction, without_its_program_nothing_is_sent) {
  close();
  EXPECT_EQ(letters({"ls", "--json"}).code, 1);
  const auto refused = letters({"retry", "carrier", "desk/d@2"});
  EXPECT_EQ(refused.code, 3);
  EXPECT_NE(refused.err.find("is a reaction and no program runs it"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace quipu::test
