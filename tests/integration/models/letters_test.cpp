// `quipu dead-letter`: shown, and worked on where nobody keeps the projection.
#include "models_fixture.hpp"

#include "support/nats_server.hpp"

namespace quipu::test {
namespace {

class shown_letters : public models_fixture {
 protected:
  void SetUp() override {
    models_fixture::SetUp();
    write();
    follow_once();
  }
  arguments here(arguments words) const {
    words.insert(words.end(), {"--module", QUIPU_DIARY_MODULE, "--journal", url_});
    return words;
  }
};

TEST_F(shown_letters, a_line_an_entity_and_what_waits_behind_it) {
  const auto done = letters({"ls", "--json"});
  EXPECT_EQ(done.code, 1);
  const auto all = objects(done.out);
  ASSERT_EQ(all.size(), 1U);
  const auto& one = all[0];
  EXPECT_EQ(one["projection"], "diary");
  EXPECT_EQ(one["event"], "account/ada@3");
  EXPECT_EQ(one["entity"], "account/ada");
  EXPECT_EQ(one["position"], "2:0");
  EXPECT_EQ(one["type"], "bank.Deposited");
  EXPECT_TRUE(one["target"].is_null());
  EXPECT_EQ(one["attempts"], 4);
  EXPECT_EQ(one["error"], "no ink for 13 \x1b[31m");
  EXPECT_EQ(one["waiting"], 1);
  EXPECT_TRUE(one["first_failed"].is_string());
  const auto text = letters({"ls", "--projection", "diary"});
  EXPECT_TRUE(has(text.out, "diary  account/ada@3  at 2:0  bank.Deposited  tried 4 times from ")) << text.out;
  EXPECT_TRUE(has(text.out, ", 1 behind it: no ink for 13 \\x1b[31m\n")) << text.out;
}

TEST_F(shown_letters, all_of_one_with_its_payload) {
  const auto done = letters({"show", "diary", "account/ada@3", "--journal", url_, "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto one = objects(done.out).at(0);
  EXPECT_EQ(one["payload"]["amount"], 13);
  EXPECT_EQ(one["event_type"], "bank.Deposited");
  EXPECT_EQ(one["waiting"], 1);
  EXPECT_TRUE(one["behind"].is_null());
  const auto behind = letters({"show", "diary", "account/ada@4"});
  EXPECT_EQ(behind.code, 0) << behind.err;
  EXPECT_TRUE(has(behind.out, "waits       behind account/ada@3")) << behind.out;
  EXPECT_TRUE(has(behind.out, "name it with --journal")) << behind.out;
}

TEST_F(shown_letters, wrong_names_are_answered_with_what_there_is) {
  struct wrong {
    arguments given;
    int code;
    std::string says;
  };
  for (const auto& [given, code, says] :
       std::vector<wrong>{{{"ls", "--projection", "cash"}, 3, "there are: diary"},
                          {{"show", "cash", "account/ada@3"}, 3, "there are: diary"},
                          {{"show", "diary", "account/bob@1"}, 3, "there are: account/ada@3, account/ada@4"},
                          {{"show", "diary", "ada"}, 2, "is no event's id"},
                          {{"retry", "diary", "ada@x"}, 2, "is no event's id"},
                          {{"retry", "diary"}, 2, "--entity"},
                          {{"retry", "diary", "account/ada@3", "--all"}, 2, "--entity"},
                          {{"retry", "diary", "account/ada@3"}, 2, "--module and --journal"},
                          {{"retry", "diary", "--entity", "account/bob"}, 3, "no event of account/bob"},
                          {{"skip", "diary", "account/ada@3"}, 2, "--reason"},
                          {{"skip", "diary", "account/ada@3", "--reason", ""}, 2, "--reason"},
                          {here({"retry", "diary", "account/ada@4"}), 2, "comes behind account/ada@3"},
                          {here({"retry", "diary", "account/bob@1"}), 3, "no dead letter account/bob@1"},
                          {here({"retry", "cash", "account/bob@1"}), 3, "there are: diary"}}) {
    const auto done = letters(given);
    EXPECT_EQ(done.code, code) << says;
    EXPECT_EQ(done.out, "") << says;
    EXPECT_TRUE(has(done.err, says)) << done.err;
  }
}

TEST_F(shown_letters, are_retried_here_where_nobody_keeps_the_projection) {
  const auto last = writer_->append("bob", bank::DepositedT{.amount = 1});
  const auto failed = letters(here({"retry", "diary", "account/ada@3", "--json"}));
  EXPECT_EQ(failed.code, 1) << failed.err;
  EXPECT_EQ(objects(failed.out).at(0)["left"], 2);
  EXPECT_EQ(objects(letters({"ls", "--json"}).out).at(0)["attempts"], 5);
  buy_ink();
  const auto done = letters(here({"retry", "diary", "--entity", "account/ada", "--json"}));
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(objects(done.out).at(0)["applied"], 2);
  EXPECT_EQ(objects(done.out).at(0)["by"], "this process");
  EXPECT_EQ(owner_and_amount("ada"), "Ada 25");
  EXPECT_EQ(letters({"ls"}).code, 0);
  EXPECT_EQ(owner_and_amount("bob"), "Bob 300") << "it goes on with nothing else";
  wait_for(*follow<diary>(), last);
  EXPECT_EQ(owner_and_amount("bob"), "Bob 301");
}

TEST_F(shown_letters, are_skipped_with_a_reason_that_rebuilds_honour) {
  const std::string reason = "typed twice,\nsee \x1b[31m 81";
  const auto done = letters(here({"skip", "diary", "account/ada@3", "--reason", reason}));
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(owner_and_amount("ada"), "Ada 12");
  const auto skips = objects(letters({"ls", "--skipped", "--json"}).out);
  ASSERT_EQ(skips.size(), 1U);
  EXPECT_EQ(skips[0]["event"], "account/ada@3");
  EXPECT_EQ(skips[0]["reason"], reason);
  const auto shown = letters({"show", "diary", "account/ada@3"});
  EXPECT_EQ(shown.code, 3);
  EXPECT_TRUE(has(shown.err, "was skipped at ")) << shown.err;
  buy_ink();
  const auto rebuilt = std::move(models_->rebuild<diary>(*journal_, quick()).value());
  wait_for(*rebuilt, last_);
  ASSERT_TRUE(models_->promote<diary>(rebuilt->generation()));
  EXPECT_EQ(owner_and_amount("ada"), "Ada 12");
}

TEST_F(shown_letters, of_hostile_keys_and_payloads_are_named_as_they_are_shown) {
  auto junk = written_event::of(bank::DepositedT{.amount = 1});
  junk.payload.assign(junk.payload.size(), 0xff);
  last_ = writer_->append({{.key = hostile, .events = {junk}}});
  follow_once();
  const auto all = objects(letters({"ls", "--json"}).out);
  ASSERT_EQ(all.size(), 2U);
  const std::string id = all[1]["event"];
  EXPECT_EQ(id, R"(account/e\x1b[31m, (\x5c\xff)\x0a@3)");
  const auto shown = letters({"show", "diary", id, "--journal", url_});
  EXPECT_EQ(shown.code, 1) << shown.err;
  EXPECT_TRUE(has(shown.out, "payload     bytes ffffff")) << shown.out;
  EXPECT_EQ(shown.out.find('\x1b'), std::string::npos);
  const auto object = objects(letters({"show", "diary", id, "--journal", url_, "--json"}).out).at(0);
  EXPECT_TRUE(object["payload"].is_null());
  EXPECT_TRUE(object["payload_error"].is_string());
  EXPECT_EQ(letters(here({"skip", "diary", id, "--reason", "junk"})).code, 0);
  EXPECT_EQ(objects(letters({"ls", "--skipped", "--json"}).out).at(0)["event"], id);
}

class on_nats : public models_fixture {
 protected:
  void SetUp() override {
    if (auto found = find_nats_build(nats_build::installed); !found.program) GTEST_SKIP() << found.reason;
    server_.start();
    open(server_.url("diary"));
    write();
    follow_once();
  }
  nats_server server_;
};

TEST_F(on_nats, letters_are_shown_and_retried) {
  const auto shown = letters({"show", "diary", "account/ada@3", "--journal", url_, "--json"});
  ASSERT_EQ(shown.code, 0) << shown.err;
  EXPECT_EQ(objects(shown.out).at(0)["payload"]["amount"], 13);
  buy_ink();
  const auto done = letters({"retry", "diary", "--all", "--module", QUIPU_DIARY_MODULE, "--journal", url_});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(owner_and_amount("ada"), "Ada 25");
}

TEST_F(on_nats, a_wish_is_granted_beside_the_keeper) {
  process keeper(keeping());
  keep(keeper);
  buy_ink();
  const auto done = letters({"retry", "diary", "account/ada@3", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(objects(done.out).at(0)["by"], "process " + std::to_string(keeper.id()));
  EXPECT_EQ(owner_and_amount("ada"), "Ada 25");
}

}  // namespace
}  // namespace quipu::test
