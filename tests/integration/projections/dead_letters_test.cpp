// An event that cannot be applied: tried again, parked with what comes behind it, retried, skipped.
#include "projector_fixture.hpp"

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "support/process.hpp"
#include "support/waiting.hpp"

namespace quipu::test {
namespace {

/// Fails for the events that it is told to, after it changed rows; a row says what took effect, in order.
struct shaky {
  static constexpr std::string_view name = "shaky";
  using entities = quipu::types<samples::account>;
  using events = quipu::types<bank::OpenedT, bank::DepositedT>;
  using seen = quipu::table<"seen", std::string, bank::BalanceRowT>;
  using tables = quipu::tables<seen>;

  static void on(const bank::OpenedT& e, const quipu::envelope& from, tables& t) { note(e.owner, from, t); }
  static void on(const bank::DepositedT& e, const quipu::envelope& from, tables& t) {
    note(std::to_string(e.amount), from, t);
  }
  static void note(const std::string& what, const quipu::envelope& from, tables& t) {
    t.update<seen>(from.key, [&](auto& row) { row.owner += (row.owner.empty() ? "" : " ") + what; });
    const std::scoped_lock lock(guard);
    const auto which = failing.find(std::string(from.key) + "@" + std::to_string(from.sequence));
    if (which == failing.end()) return;
    if (once) failing.erase(which);
    throw std::runtime_error("no ink for " + what);
  }
  static void fail_at(std::set<std::string, std::less<>> which, bool only_once = false) {
    const std::scoped_lock lock(guard);
    failing = std::move(which);
    once = only_once;
  }
  static inline std::mutex guard;
  static inline std::set<std::string, std::less<>> failing;
  static inline bool once = false;
};

class dead_letters : public projector_fixture {
 protected:
  void SetUp() override {
    shaky::fail_at({});
    open_journal("lmdb:" + (directory_ / "j").string());
  }
  std::string seen(const std::string& key) {
    return models_
        ->read<shaky>([&](const shaky::tables& t) {
          const auto row = t.get<shaky::seen>(key);
          return row ? row->owner : "";
        })
        .value();
  }
  /// ada's 1 to 4 and bob's 1 to 2; her second one fails.
  std::unique_ptr<projector> with_ada_parked(const projector_options& how = quick()) {
    shaky::fail_at({"ada@2"});
    auto follower = follow<shaky>(how);
    writer_->append("ada", bank::OpenedT{.owner = "Ada"}, bank::DepositedT{.amount = 2},
                    bank::DepositedT{.amount = 3});
    writer_->append("bob", bank::OpenedT{.owner = "Bob"}, bank::DepositedT{.amount = 2});
    wait_for(*follower, writer_->append("ada", bank::DepositedT{.amount = 4}));
    return follower;
  }
};

TEST_F(dead_letters, what_fails_once_is_tried_again) {
  shaky::fail_at({"ada@1", "ada@2"}, true);
  const auto follower = follow<shaky>();
  wait_for(*follower, writer_->append("ada", bank::OpenedT{.owner = "Ada"}, bank::DepositedT{.amount = 2}));
  EXPECT_EQ(seen("ada"), "Ada 2");
  EXPECT_EQ(follower->status().retries, 2U);
  EXPECT_EQ(follower->status().dead_letters, 0U);
}

TEST_F(dead_letters, an_entity_waits_in_order_and_the_others_go_on) {
  const auto follower = with_ada_parked();
  EXPECT_EQ(seen("ada"), "Ada");
  EXPECT_EQ(seen("bob"), "Bob 2");
  const auto list = follower->dead_letters().value();
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].event, (event_key{"account", "ada", 2}));
  EXPECT_EQ(list[0].attempts, quick().attempts);
  EXPECT_EQ(list[0].error, "no ink for 2");
  EXPECT_EQ(list[0].type, "bank.Deposited");
  EXPECT_NE(list[0].first_failed, dead_letter::time_point{});
  EXPECT_EQ(list[1].event.sequence, 3U);
  EXPECT_EQ(list[1].attempts, 0U);
  EXPECT_EQ(list[2].event.sequence, 4U);
  EXPECT_EQ(follower->status().dead_letters, 3U);
  EXPECT_EQ(follower->dead_letters({"account", "ada", 3}, 1).value().front().event.sequence, 3U);
}

TEST_F(dead_letters, survive_a_restart_and_a_copy_of_the_events) {
  with_ada_parked().reset();
  writer_->append_copy_of_last();
  const auto follower = follow<shaky>();
  wait_for(*follower, writer_->append("ada", bank::DepositedT{.amount = 5}));
  EXPECT_EQ(follower->dead_letters().value().size(), 4U);
  EXPECT_EQ(seen("ada"), "Ada");
}

TEST_F(dead_letters, a_retry_releases_the_queue_in_order) {
  const auto follower = with_ada_parked();
  auto again = follower->retry({"account", "ada", 2}).value();
  EXPECT_EQ(again.applied, 0U);
  EXPECT_EQ(again.left, 3U);
  EXPECT_EQ(follower->dead_letters().value()[0].attempts, quick().attempts + 1);
  shaky::fail_at({"ada@4"});
  again = follower->retry({"account", "ada", 2}).value();
  EXPECT_EQ(again.applied, 2U);
  EXPECT_EQ(again.left, 1U);
  EXPECT_EQ(seen("ada"), "Ada 2 3");
  shaky::fail_at({});
  EXPECT_EQ(follower->retry_all().value().applied, 1U);
  wait_for(*follower, writer_->append("ada", bank::DepositedT{.amount = 5}));
  EXPECT_EQ(seen("ada"), "Ada 2 3 4 5");
  EXPECT_EQ(follower->status().dead_letters, 0U);
}

TEST_F(dead_letters, only_the_first_of_an_entity_can_be_worked_on) {
  const auto follower = with_ada_parked();
  const auto behind = follower->retry({"account", "ada", 3});
  ASSERT_FALSE(behind);
  EXPECT_NE(behind.error().text.find("account/ada@2"), std::string::npos) << behind.error().text;
  for (const auto& missing :
       {event_key{"account", "ada", 1}, event_key{"account", "bob", 1}, event_key{"till", "x", 1}})
    EXPECT_EQ(follower->skip(missing, "none").error().kind, journal::failure_kind::not_found);
}

TEST_F(dead_letters, a_skip_keeps_its_reason_and_rebuilds_honour_it) {
  auto follower = with_ada_parked();
  const auto done = follower->skip({"account", "ada", 2}, "typed twice").value();
  EXPECT_EQ(done.applied, 2U);
  EXPECT_EQ(seen("ada"), "Ada 3 4");
  const auto skips = follower->skipped().value();
  ASSERT_EQ(skips.size(), 1U);
  EXPECT_EQ(skips[0].event, (event_key{"account", "ada", 2}));
  EXPECT_EQ(skips[0].reason, "typed twice");

  shaky::fail_at({});
  const auto rebuilt = std::move(models_->rebuild<shaky>(*journal_, quick()).value());
  const auto last = writer_->append("ada", bank::DepositedT{.amount = 5});
  wait_for(*rebuilt, last);
  wait_for(*follower, last);
  const auto before = dump(*models_, projection_type_of<shaky>());
  ASSERT_TRUE(models_->promote<shaky>(rebuilt->generation()));
  EXPECT_EQ(dump(*models_, projection_type_of<shaky>()), before);
  EXPECT_EQ(seen("ada"), "Ada 3 4 5");
}

TEST_F(dead_letters, too_many_stop_the_projection_and_nothing_is_lost) {
  auto how = quick();
  how.dead_letters_most = 3;
  auto follower = with_ada_parked(how);
  writer_->append("ada", bank::DepositedT{.amount = 5});
  const auto last = writer_->append("bob", bank::DepositedT{.amount = 3});
  const auto why = wait_for_failure(*follower);
  EXPECT_NE(why.find("account/ada@5"), std::string::npos) << why;
  EXPECT_NE(why.find("3 dead letters"), std::string::npos) << why;
  shaky::fail_at({});
  EXPECT_EQ(follower->retry_all().value().applied, 3U);  // also while it stands still
  follower->start();
  wait_for(*follower, last);
  EXPECT_EQ(seen("ada"), "Ada 2 3 4 5");
  EXPECT_EQ(seen("bob"), "Bob 2 3");
}

TEST_F(dead_letters, a_projection_that_always_fails_soon_stops) {
  auto how = quick();
  how.dead_letters_most = 50;
  how.first_wait = 5ms;  // waiting every time would take many seconds
  std::set<std::string, std::less<>> all;
  for (int i = 0; i < 60; ++i) {
    all.insert("a" + std::to_string(i) + "@1");
    writer_->append("a" + std::to_string(i), bank::OpenedT{.owner = "x"});
  }
  shaky::fail_at(all);
  const auto follower = follow<shaky>(how);
  EXPECT_NE(wait_for_failure(*follower).find("no ink for x"), std::string::npos);
}

TEST_F(dead_letters, a_payload_that_does_not_hold_is_one) {
  const auto follower = follow<shaky>();
  auto event = written_event::of(bank::DepositedT{.amount = 1});
  event.payload.assign(event.payload.size(), 0xff);
  wait_for(*follower, writer_->append({{.key = "ada", .events = {event}}}));
  ASSERT_EQ(follower->dead_letters().value().size(), 1U);
  EXPECT_NE(follower->dead_letters().value()[0].error.find("does not verify"), std::string::npos);
}

/// What an author can do wrong besides an exception, by the first event's owner.
struct clumsy {
  static constexpr std::string_view name = "clumsy";
  using entities = quipu::types<samples::account>;
  using events = quipu::types<bank::OpenedT>;
  using rows =
      quipu::table<"rows", std::string, bank::BalanceRowT, quipu::by<"owner", &bank::BalanceRowT::owner>>;
  using large = quipu::table<"large", std::string, bank::BalanceRowT>;
  using tables = quipu::tables<rows, large>;

  static void on(const bank::OpenedT& e, const quipu::envelope& from, tables& t) {
    t.put<rows>(from.key, {.owner = "before"});
    if (e.owner == "a number") throw 7;
    if (e.owner == "much to say") throw std::runtime_error(std::string(100'000, 'w'));
    if (e.owner == "a long key") t.put<rows>(std::string(512, 'k'), {});
    if (e.owner == "an empty key") t.put<rows>("", {});
    if (e.owner == "a long further key") t.put<rows>(from.key, {.owner = std::string(510, 'o')});
    if (e.owner == "a large row") t.put<large>(from.key, {.owner = std::string(16 << 20, 'o')});
    if (e.owner == "a long key, swallowed") {
      try {
        t.put<rows>(std::string(512, 'k'), {});
      } catch (const std::length_error&) {
        t.put<rows>(from.key, {.owner = "after"});
      }
    }
  }
};

TEST_F(dead_letters, what_an_author_can_do_wrong_harms_one_entity_and_is_named) {
  auto how = quick();
  how.attempts = 1;
  const auto follower = follow<clumsy>(how);
  position last;
  for (const char* owner : {"a number", "much to say", "a long key", "an empty key", "a long further key",
                            "a large row", "a long key, swallowed", "nothing"})
    last = writer_->append(owner, bank::OpenedT{.owner = owner});
  wait_for(*follower, last);
  std::map<std::string, std::string> errors;
  const auto list = follower->dead_letters().value();
  for (const auto& letter : list) errors[letter.event.key] = letter.error;
  EXPECT_EQ(errors,
            (std::map<std::string, std::string>{
                {"a number", "something was thrown that is no std::exception"},
                {"much to say", std::string(1024, 'w')},
                {"a long key", "a row's key has 512 bytes and may have 511"},
                {"an empty key", "a row's key is empty"},
                {"a long further key", "the key owner with the row's own has 530 bytes and may have 511"},
                {"a large row", errors["a large row"]}}));
  EXPECT_NE(errors["a large row"].find("and may have 16777216"), std::string::npos) << errors["a large row"];
  std::vector<std::string> kept;
  ASSERT_TRUE(models_->read<clumsy>([&](const clumsy::tables& t) {
    t.scan<clumsy::rows>(
        [&](const std::string& key, const auto& row) { kept.push_back(key + ": " + row.owner); });
  }));
  EXPECT_EQ(kept, (std::vector<std::string>{"a long key, swallowed: after", "nothing: before"}));
}

TEST_F(dead_letters, are_worked_on_while_it_follows) {
  const auto follower = with_ada_parked();
  std::atomic<bool> done = false;
  std::atomic<int> looks = 0;
  std::thread worker([&] {
    while (!done) {
      EXPECT_TRUE(follower->retry_all());
      const auto list = follower->dead_letters();
      ASSERT_TRUE(list);
      for (std::size_t i = 1; i < list->size(); ++i)
        EXPECT_EQ((*list)[i].event.sequence, (*list)[i - 1].event.sequence + 1);
      EXPECT_TRUE(models_->dead_letters("shaky"));
      ++looks;
    }
  });
  std::string all = "Ada 2 3 4";
  position last;
  for (int i = 5; i <= 60; ++i) {
    last = writer_->append("ada", bank::DepositedT{.amount = i});
    all += " " + std::to_string(i);
    // It fails again and again, at one place after another.
    if (i % 10 == 0) shaky::fail_at({"ada@" + std::to_string(i / 2), "ada@" + std::to_string(i)});
    if (i == 40) {
      ASSERT_TRUE(wait_until([&] { return looks > 3; }));
    }
  }
  shaky::fail_at({});
  wait_for(*follower, last);
  EXPECT_TRUE(wait_until([&] { return follower->status().dead_letters == 0; }));
  done = true;
  worker.join();
  EXPECT_EQ(seen("ada"), all);
  EXPECT_EQ(follower->status().dead_letters, 0U);
}

TEST_F(dead_letters, are_listed_beside_their_holder) {
  const auto look = [&](const std::string& projection = "shaky") {
    return run({QUIPU_PROJECTION_WORKER, "letters", directory_.path().string(), projection});
  };
  const auto nothing = look();
  EXPECT_EQ(nothing.code, 3);
  EXPECT_NE(nothing.err.find("no read model of projection shaky"), std::string::npos) << nothing.err;

  const auto follower = with_ada_parked();
  const auto parked = look();
  EXPECT_EQ(parked.out, "3\nada@2 4 no ink for 2\nada@3 0 \nada@4 0 \n") << parked.err;
  // By the object that keeps it, too.
  EXPECT_EQ(models_->dead_letter_count("shaky"), 3U);
  EXPECT_EQ(models_->dead_letters("shaky", {"account", "ada", 3}, 1).value().front().event.sequence, 3U);

  shaky::fail_at({"ada@3"});
  ASSERT_TRUE(follower->skip({"account", "ada", 2}, "typed twice"));
  EXPECT_EQ(look().out, "2\nada@3 1 no ink for 3\nada@4 0 \nskipped ada@2 typed twice\n");
}

TEST_F(dead_letters, of_a_store_that_nobody_keeps_are_listed_and_its_rows_read) {
  with_ada_parked().reset();
  models_ = std::make_unique<read_models>(directory_.path());
  EXPECT_EQ(models_->dead_letter_count("shaky"), 3U);
  EXPECT_EQ(seen("ada"), "Ada");
  EXPECT_EQ(models_->dead_letters("shaky").value().size(), 3U);
  EXPECT_EQ(models_->dead_letter_count("another").error().code, error_code::projection_not_kept);
}

}  // namespace
}  // namespace quipu::test
